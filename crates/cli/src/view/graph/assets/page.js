
// Searching in a graph that has a page of its own.
(function () {
  'use strict';
  const graph = document.querySelector('[data-graph]');
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const nodes = Array.from(graph.querySelectorAll('.node'));
  const names = nodes.map((node) => node.getAttribute('aria-label').toLowerCase());

  function matches() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return nodes.filter((_, at) => words.every((word) => names[at].includes(word)));
  }

  search.addEventListener('input', () => {
    const isEmpty = search.value.trim() === '';
    const matching = matches();
    found.textContent = isEmpty ? '' : matching.length + ' of ' + nodes.length;
    const detail = isEmpty ? null : new Set(matching.map((node) => node.dataset.node));
    graph.dispatchEvent(new CustomEvent('match', { detail }));
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && search.value.trim() !== '' && matches().length > 0) {
      graph.dispatchEvent(new CustomEvent('show', { detail: matches()[0].dataset.node }));
    }
  });
})();
