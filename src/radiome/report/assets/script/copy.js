// Copies the text of the methods.
(() => {
  'use strict';
  document.querySelectorAll('[data-copy]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = [...document.getElementById(button.dataset.copy).children].map((part) => part.textContent).join('\n');
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = 'Copied';
      } catch (refused) {
        getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
        button.textContent = 'Selected: copy it with the keyboard';
      }
    });
  });
})();
