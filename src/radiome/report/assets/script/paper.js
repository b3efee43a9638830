// On paper everything that can be read is open, and closed again afterwards.
(() => {
  'use strict';
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details.checklist:not([open]), details.settings:not([open])')];
    opened.forEach((each) => { each.open = true; });
    document.querySelectorAll('.still').forEach((still) => { still.style.display = ''; });
  });
  addEventListener('afterprint', () => {
    opened.forEach((each) => { each.open = false; });
    document.querySelectorAll('.live:not([hidden])').forEach((live) => {
      const still = live.parentElement.querySelector('.still');
      if (still) still.style.display = 'none';
    });
  });
})();
