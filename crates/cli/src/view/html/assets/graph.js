
// A graph can be moved, made larger and smaller, and asked what depends on what. Whoever wants to know which node was
// chosen listens to `choose` on the graph, and whoever chooses one sends it `show`.
(function () {
  'use strict';

  function behind(start, next) {
    const found = new Set();
    const open = [start];
    while (open.length > 0) {
      for (const node of next.get(open.pop()) || []) {
        if (!found.has(node)) {
          found.add(node);
          open.push(node);
        }
      }
    }
    return found;
  }

  function begin(graph) {
    const canvas = graph.querySelector('.canvas');
    const svg = graph.querySelector('svg');
    const said = graph.querySelector('.chosen');
    const hint = said.textContent;
    const nodes = Array.from(graph.querySelectorAll('.node'));
    const edges = Array.from(graph.querySelectorAll('.edge'));
    const whole = svg.viewBox.baseVal;
    const size = { width: whole.width, height: whole.height };
    const needs = new Map();
    const needed = new Map();
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      needs.set(from, (needs.get(from) || []).concat(to));
      needed.set(to, (needed.get(to) || []).concat(from));
    }
    let chosen = null;
    let matching = null;
    let view = null;
    // Whether someone has moved it: then it stays where it is, whatever becomes of the window.
    let isMoved = false;

    // What is seen of the drawing: its top left corner, and how many pixels of the page one of it takes.
    function look(to) {
      const box = canvas.getBoundingClientRect();
      isMoved = true;
      view = to;
      svg.setAttribute('viewBox', [to.x, to.y, box.width / to.scale, box.height / to.scale].join(' '));
    }

    // In a page with more in it, as tall as the drawing needs, and never so tall that it fills the window.
    function stretch() {
      if (!graph.hasAttribute('data-alone')) {
        const needed = Math.min(canvas.clientWidth / size.width, 1.15) * size.height;
        canvas.style.height = Math.min(Math.max(needed, 220), Math.max(window.innerHeight * 0.7, 300)) + 'px';
      }
    }

    function fit() {
      stretch();
      const box = canvas.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) {
        return;
      }
      const scale = Math.min(box.width / size.width, box.height / size.height, 1.15);
      look({
        x: (size.width - box.width / scale) / 2,
        y: (size.height - box.height / scale) / 2,
        scale,
      });
      isMoved = false;
    }

    function zoom(factor, x, y) {
      const box = canvas.getBoundingClientRect();
      const at = { x: x === undefined ? box.width / 2 : x - box.left, y: y === undefined ? box.height / 2 : y - box.top };
      const all = Math.min(box.width / size.width, box.height / size.height, 1);
      const scale = Math.min(Math.max(view.scale * factor, all / 2), 4);
      look({
        x: view.x + at.x / view.scale - at.x / scale,
        y: view.y + at.y / view.scale - at.y / scale,
        scale,
      });
    }

    function middle(node) {
      const at = node.transform.baseVal.consolidate().matrix;
      const box = canvas.getBoundingClientRect();
      const scale = Math.max(view.scale, 0.7);
      look({ x: at.e + 113 - box.width / scale / 2, y: at.f + 22 - box.height / scale / 2, scale });
    }

    function paint() {
      const before = chosen === null ? new Set() : behind(chosen, needs);
      const after = chosen === null ? new Set() : behind(chosen, needed);
      for (const node of nodes) {
        const name = node.dataset.node;
        const related = chosen === null || name === chosen || before.has(name) || after.has(name);
        node.classList.toggle('is-chosen', name === chosen);
        node.setAttribute('aria-pressed', String(name === chosen));
        node.classList.toggle('is-faded', !related || (matching !== null && !matching.has(name)));
      }
      for (const edge of edges) {
        const { from, to } = edge.dataset;
        const isBefore = chosen !== null && (from === chosen || before.has(from));
        const isAfter = chosen !== null && (to === chosen || after.has(to));
        edge.classList.toggle('is-before', isBefore);
        edge.classList.toggle('is-after', isAfter);
        edge.classList.toggle('is-faded', (chosen !== null && !isBefore && !isAfter)
          || (matching !== null && !(matching.has(from) && matching.has(to))));
      }
    }

    function say() {
      said.textContent = '';
      if (chosen === null) {
        said.textContent = hint;
        return;
      }
      const address = document.createElement('code');
      address.textContent = nodes.find((node) => node.dataset.node === chosen).dataset.address;
      const part = (kind, text) => {
        const span = document.createElement('span');
        span.className = kind;
        span.textContent = text;
        return span;
      };
      said.append(address, ' ', part('before', 'depends on ' + behind(chosen, needs).size), ' · ',
        part('after', behind(chosen, needed).size + ' depend on it'));
      const clear = document.createElement('button');
      clear.type = 'button';
      clear.textContent = 'Clear';
      clear.addEventListener('click', () => choose(null));
      said.append(' · ', clear);
    }

    function choose(name) {
      chosen = name;
      paint();
      say();
      graph.dispatchEvent(new CustomEvent('choose', { detail: name }));
    }

    graph.addEventListener('show', (event) => {
      const node = nodes.find((node) => node.dataset.node === String(event.detail));
      if (node) {
        choose(node.dataset.node);
        middle(node);
      }
    });
    graph.addEventListener('match', (event) => {
      matching = event.detail;
      paint();
    });

    for (const node of nodes) {
      node.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          choose(node.dataset.node === chosen ? null : node.dataset.node);
        }
      });
      node.addEventListener('focus', () => {
        const seen = node.getBoundingClientRect();
        const box = canvas.getBoundingClientRect();
        if (seen.right < box.left || seen.left > box.right || seen.bottom < box.top || seen.top > box.bottom) {
          middle(node);
        }
      });
    }
    graph.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        choose(null);
      }
    });

    // A press that does not move is a click.
    let press = null;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button === 0) {
        press = { x: event.clientX, y: event.clientY, from: view, moved: false, node: event.target.closest('.node') };
        canvas.setPointerCapture(event.pointerId);
      }
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!press) {
        return;
      }
      const [x, y] = [event.clientX - press.x, event.clientY - press.y];
      press.moved = press.moved || Math.hypot(x, y) > 4;
      if (press.moved) {
        canvas.classList.add('is-dragged');
        look({ x: press.from.x - x / view.scale, y: press.from.y - y / view.scale, scale: view.scale });
      }
    });
    const release = (event) => {
      canvas.classList.remove('is-dragged');
      if (press && !press.moved && event.type === 'pointerup') {
        const name = press.node ? press.node.dataset.node : null;
        choose(name === chosen ? null : name);
      }
      press = null;
    };
    canvas.addEventListener('pointerup', release);
    canvas.addEventListener('pointercancel', release);
    // In a page that scrolls, the wheel scrolls; with Ctrl it zooms, as it does for the page.
    canvas.addEventListener('wheel', (event) => {
      if (event.ctrlKey || event.metaKey || graph.hasAttribute('data-alone')) {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
      }
    }, { passive: false });
    for (const button of graph.querySelectorAll('[data-zoom]')) {
      button.addEventListener('click', () => {
        const kind = button.dataset.zoom;
        if (kind === 'fit') {
          fit();
        } else {
          zoom(kind === 'in' ? 1.3 : 1 / 1.3);
        }
      });
    }

    fit();
    new ResizeObserver(() => {
      if (!isMoved) {
        fit();
      } else {
        look(view);
      }
    }).observe(canvas);
    window.addEventListener('beforeprint', fit);
  }

  document.querySelectorAll('[data-graph]').forEach(begin);
})();
