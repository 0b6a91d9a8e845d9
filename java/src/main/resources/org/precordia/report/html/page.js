// SPDX-License-Identifier: Apache-2.0
// What the page can do beyond being read: the theme, and the electrocardiograms' zoom and choice of leads.
'use strict';
(() => {
  const root = document.documentElement;

  const theme = document.getElementById('theme');
  const stored = () => { try { return localStorage.getItem('precordia-theme'); } catch { return null; } };
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const showTheme = () => theme.setAttribute('aria-pressed', String(isDark()));
  if (stored() === 'dark' || stored() === 'light') root.dataset.theme = stored();
  theme.hidden = false;
  showTheme();
  theme.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try { localStorage.setItem('precordia-theme', root.dataset.theme); } catch { /* a file may have no storage */ }
    showTheme();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showTheme);

  const steps = [0.5, 0.75, 1, 1.5, 2, 3, 4];
  for (const ecg of document.querySelectorAll('.ecg')) {
    const paper = ecg.querySelector('.paper');
    const shown = ecg.querySelector('output');
    let zoom = 1;
    const setZoom = (wanted, anchor = paper.clientWidth / 2) => {
      const at = (paper.scrollLeft + anchor) / zoom;
      zoom = Math.min(steps.at(-1), Math.max(steps[0], wanted));
      for (const svg of paper.querySelectorAll('svg')) {
        svg.style.width = `${svg.viewBox.baseVal.width * zoom}mm`;
        svg.style.height = `${svg.viewBox.baseVal.height * zoom}mm`;
      }
      paper.scrollLeft = at * zoom - anchor;
      shown.textContent = `${Math.round(zoom * 100)} %`;
    };
    const step = direction => direction > 0
      ? setZoom(steps.find(s => s > zoom + 0.01) ?? zoom)
      : setZoom(steps.findLast(s => s < zoom - 0.01) ?? zoom);
    const act = {in: () => step(1), out: () => step(-1), reset: () => setZoom(1)};
    for (const button of ecg.querySelectorAll('button[data-zoom]')) {
      button.addEventListener('click', () => act[button.dataset.zoom]());
    }
    paper.addEventListener('keydown', event => {
      const name = {'+': 'in', '=': 'in', '-': 'out', '0': 'reset'}[event.key];
      if (name && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        act[name]();
      }
    });
    // With Ctrl alone, so that the page still scrolls under the pointer; a pinch arrives as this too.
    paper.addEventListener('wheel', event => {
      if (event.ctrlKey) {
        event.preventDefault();
        setZoom(zoom * Math.exp(-event.deltaY / 400), event.clientX - paper.getBoundingClientRect().left);
      }
    }, {passive: false});
    for (const box of ecg.querySelectorAll('input[data-shows]')) {
      const show = () => {
        for (const part of ecg.querySelectorAll(`[data-part="${box.dataset.shows}"]`)) {
          part.toggleAttribute('hidden', !box.checked);
        }
      };
      box.addEventListener('change', show);
      show();
    }
    addEventListener('beforeprint', () => setZoom(1));
    ecg.querySelector('.controls').hidden = false;
  }
})();
