// Light, dark, or as the system has it; and which section is being read.
(() => {
  'use strict';
  const names = {'': 'as the system', light: 'light', dark: 'dark'};
  const button = document.getElementById('theme');
  const root = document.documentElement;
  let now = '';
  try { now = localStorage.getItem('radiome-theme') || ''; } catch (refused) { now = ''; }
  const apply = (name) => {
    now = name in names ? name : '';
    if (now) root.dataset.theme = now; else delete root.dataset.theme;
    button.querySelector('span').textContent = names[now];
    document.dispatchEvent(new Event('themechange'));
  };
  apply(now);
  button.hidden = false;
  button.addEventListener('click', () => {
    const order = Object.keys(names);
    apply(order[(order.indexOf(now) + 1) % order.length]);
    try { localStorage.setItem('radiome-theme', now); } catch (refused) { /* not kept */ }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(now));

  const links = new Map([...document.querySelectorAll('.contents a')].map((a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      links.forEach((a) => a.removeAttribute('aria-current'));
      links.get(entry.target.id)?.setAttribute('aria-current', 'true');
    }
  }, {rootMargin: '-20% 0px -70% 0px'});
  document.querySelectorAll('main > section').forEach((section) => seen.observe(section));
})();
