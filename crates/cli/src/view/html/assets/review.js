
// Changes can be searched, filtered, opened and closed; the graph and the list lead to each other.
(function () {
  'use strict';
  const graph = document.querySelector('[data-graph]');
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const tiles = Array.from(document.querySelectorAll('[data-filter]'));
  const changes = Array.from(document.querySelectorAll('.change'));
  const groups = Array.from(document.querySelectorAll('.group'));
  const texts = changes.map((change) => change.textContent.toLowerCase());

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = tiles.filter((tile) => tile.getAttribute('aria-pressed') === 'true');
    const actions = new Set(pressed.map((tile) => tile.dataset.filter));
    const shown = changes.filter((change, at) => {
      const isShown = words.every((word) => texts[at].includes(word))
        && (actions.size === 0 || actions.has(change.dataset.action));
      change.hidden = !isShown;
      return isShown;
    });
    for (const group of groups) {
      group.hidden = !group.querySelector('.change:not([hidden])');
    }
    const isFiltered = words.length > 0 || actions.size > 0;
    found.textContent = isFiltered ? shown.length + ' of ' + changes.length + ' changes' : '';
    const detail = isFiltered ? new Set(shown.map((change) => change.dataset.node)) : null;
    graph.dispatchEvent(new CustomEvent('match', { detail }));
  }

  function mark(node) {
    for (const change of changes) {
      change.classList.toggle('is-chosen', node !== null && change.dataset.node === node);
    }
    return changes.find((change) => node !== null && change.dataset.node === node);
  }

  graph.addEventListener('choose', (event) => {
    const change = mark(event.detail);
    if (!change) {
      return;
    }
    change.open = true;
    const go = document.createElement('button');
    go.type = 'button';
    go.textContent = 'Go to the change';
    go.addEventListener('click', () => {
      change.hidden = false;
      change.closest('.group').hidden = false;
      change.scrollIntoView({ block: 'center', behavior: 'smooth' });
      change.querySelector('summary').focus({ preventScroll: true });
    });
    graph.querySelector('.chosen').append(' · ', go);
  });
  for (const link of document.querySelectorAll('[data-show]')) {
    link.addEventListener('click', () => {
      graph.dispatchEvent(new CustomEvent('show', { detail: link.dataset.show }));
      graph.scrollIntoView({ block: 'center', behavior: 'smooth' });
    });
  }
  if (search) {
    search.addEventListener('input', filter);
    for (const tile of tiles) {
      tile.addEventListener('click', () => {
        tile.setAttribute('aria-pressed', String(tile.getAttribute('aria-pressed') !== 'true'));
        filter();
      });
    }
    const all = (open) => () => changes.filter((change) => !change.hidden).forEach((change) => { change.open = open; });
    document.getElementById('open').addEventListener('click', all(true));
    document.getElementById('close').addEventListener('click', all(false));
  }

  // On paper nothing can be opened.
  let folded = [];
  window.addEventListener('beforeprint', () => {
    folded = changes.filter((change) => !change.open);
    folded.forEach((change) => { change.open = true; });
  });
  window.addEventListener('afterprint', () => folded.forEach((change) => { change.open = false; }));
})();
