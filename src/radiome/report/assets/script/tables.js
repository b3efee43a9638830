// Tables that sort by their headings and are filtered by the controls above them.
(() => {
  'use strict';
  const collator = new Intl.Collator('en', {numeric: true, sensitivity: 'base'});
  const value = (row, place, kind) => {
    const cell = row.cells[place];
    if (kind === 'text') return cell.textContent.trim();
    const text = cell.dataset.value ?? cell.textContent;
    return text === '' ? NaN : Number(text);
  };
  const compare = (a, b, kind) => (kind === 'text' ? collator.compare(a, b) : a - b);

  const sort = (table, heading) => {
    const kind = heading.dataset.sort;
    const first = kind === 'number' ? 'descending' : 'ascending';
    const other = first === 'descending' ? 'ascending' : 'descending';
    const order = heading.getAttribute('aria-sort') === first ? other : first;
    table.querySelectorAll('th[aria-sort]').forEach((th) => th.removeAttribute('aria-sort'));
    heading.setAttribute('aria-sort', order);
    const sign = order === 'ascending' ? 1 : -1;
    const keyed = [...table.tBodies[0].rows].map((row) => [value(row, heading.cellIndex, kind), row]);
    keyed.sort(([a], [b]) => {
      const missing = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return missing || (Number.isNaN(a) ? 0 : sign * compare(a, b, kind));
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  };

  document.querySelectorAll('table.data').forEach((table) => {
    table.querySelectorAll('th[data-sort]').forEach((heading) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => sort(table, heading));
    });
  });

  const wanted = (row, filters) => filters.every((filter) => {
    const kind = filter.dataset.filter;
    if (kind === 'text') {
      const text = row.textContent.toLowerCase();
      return filter.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
    }
    if (kind === 'family') return !filter.value || row.dataset.family === filter.value;
    if (!filter.checked) return true;
    return kind === 'proxy' ? !('proxy' in row.dataset) : kind in row.dataset;
  });

  document.querySelectorAll('.controls').forEach((controls) => {
    const rows = [...document.getElementById(controls.dataset.for).tBodies[0].rows];
    const filters = [...controls.querySelectorAll('[data-filter]')];
    const told = controls.querySelector('output');
    const apply = () => {
      let shown = 0;
      for (const row of rows) {
        row.hidden = !wanted(row, filters);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
    };
    controls.addEventListener('input', apply);
    controls.hidden = false;
    apply();
  });
})();
