// The card of a feature: what it measures, the two cases that differ most, its cluster.
(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const dialog = document.getElementById('card');
  const manual = 'https://ibsi.readthedocs.io/en/latest/03_Image_features.html#:~:text=';

  const most = 24;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const picture = (code) => {
    const there = [...document.querySelectorAll('.montage li')].find((item) => item.dataset.case === code);
    if (there) return there.querySelector('img').src;
    const kept = data.pictures && Object.hasOwn(data.pictures, code) ? data.pictures[code] : '';
    return kept && `data:image/png;base64,${kept}`;
  };
  const shownPicture = (source, alt) => {
    const image = element('img');
    image.src = source;
    image.alt = alt;
    return image;
  };
  const extreme = ([code, value], word, map) => {
    const figure = element('figure');
    const source = picture(code);
    if (source) figure.append(shownPicture(source, `Lesion of ${code} with its outline`));
    if (map.pictures && Object.hasOwn(map.pictures, code)) {
      const drawn = `data:image/png;base64,${map.pictures[code]}`;
      figure.append(shownPicture(drawn, `Map of the feature in the lesion of ${code}`));
    }
    const caption = element('figcaption');
    caption.append(element('strong', '', value), `${word}, ${code}`);
    figure.append(caption);
    return figure;
  };
  const scale = (map) => {
    const row = element('div', 'scale');
    const bar = element('span', 'bar');
    bar.style.background = `linear-gradient(to right, ${data.colours.join(', ')})`;
    row.append(element('span', '', map.low), bar, element('span', '', map.high));
    return row;
  };
  const mapNote = 'The map shows the feature in the 3 × 3 × 3 voxels about each voxel of the slice. Both lesions '
    + 'share the scale, from the 1st to the 99th percentile. So few voxels have other values than the whole region; '
    + 'a voxel left grey has none.';
  const pairs = (rows) => {
    const list = element('dl', 'pairs');
    for (const [name, content] of rows) {
      if (!content) continue;
      const row = element('div');
      const told = element('dd');
      told.append(content);
      row.append(element('dt', '', name), told);
      list.append(row);
    }
    return list;
  };
  const shown = (row, heading) => {
    const table = row.closest('table');
    const place = [...table.tHead.rows[0].cells].findIndex((th) => th.textContent.startsWith(heading));
    return place < 0 ? '' : row.cells[place].textContent.trim();
  };
  const linked = (row) => {
    const text = shown(row, 'IBSI');
    if (!text) return '';
    const link = element('a', '', text);
    link.href = manual + encodeURIComponent(text);
    link.rel = 'noreferrer';
    link.target = '_blank';
    return link;
  };
  const members = (row) => {
    const cluster = shown(row, 'Cluster').split(/\s+/)[0];
    const rows = [...row.parentElement.rows];
    return rows.filter((each) => each !== row && cluster && shown(each, 'Cluster').split(/\s+/)[0] === cluster);
  };

  const fill = (row) => {
    const table = row.closest('table');
    const told = data.cards[table.dataset.cards][row.dataset.feature];
    const definition = (data.definitions || {})[told.base];
    const title = element('h2', '', row.querySelector('.open').textContent);
    title.id = 'card-title';
    const close = element('button', 'close', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => dialog.close());
    dialog.replaceChildren(close, title, element('p', 'tag', ''));
    dialog.querySelector('.tag').append(element('code', '', row.dataset.feature));
    if (definition) dialog.append(element('p', 'says', definition[0]));
    if (definition && definition[1]) {
      dialog.append(element('p', 'formula', definition[1]));
      if (definition[2]) dialog.append(element('p', 'note', definition[2]));
    }
    dialog.append(pairs([
      ['IBSI code', linked(row)], ['Family', shown(row, 'Family')], ['Unit', shown(row, 'Unit')],
      ['Image', told.image], ['Aggregation', told.aggregation],
      ['Repeatability', shown(row, 'Repeatability')], ['ρ with volume', shown(row, 'Volume')],
      ['Selected', shown(row, 'Selected') && `${shown(row, 'Selected')} of folds`], ['Not compared', told.excluded],
    ]));
    if (told.extremes.length) {
      const duo = element('div', 'duo');
      duo.append(extreme(told.extremes[0], 'Least', told.map), extreme(told.extremes[1], 'Greatest', told.map));
      dialog.append(element('h3', '', 'The two cases that differ most'), duo);
      if (told.map.pictures) dialog.append(scale(told.map), element('p', 'note', mapNote));
      if (told.map.reason) dialog.append(element('p', 'note', `No map: ${told.map.reason}.`));
    }
    const others = members(row);
    if (others.length) {
      const list = element('ul', 'members');
      for (const other of others.slice(0, most)) {
        const item = element('li');
        const open = element('button', 'open', other.querySelector('.open').textContent);
        open.type = 'button';
        open.addEventListener('click', () => { fill(other); dialog.scrollTop = 0; close.focus(); });
        item.append(open, ' ', element('code', '', other.dataset.feature));
        list.append(item);
      }
      if (others.length > most) list.append(element('li', 'note', `and ${others.length - most} more: the table shows them by cluster`));
      dialog.append(element('h3', '', `Says much the same as ${others.length} other${others.length > 1 ? 's' : ''}`), list);
    }
  };

  window.openFeature = (table, feature) => {
    const row = [...table.tBodies[0].rows].find((each) => each.dataset.feature === feature);
    if (!row) return;
    fill(row);
    dialog.showModal();
  };
  document.querySelectorAll('table.trust').forEach((table) => {
    table.addEventListener('click', (event) => {
      const button = event.target.closest('.open');
      if (button) window.openFeature(table, button.closest('tr').dataset.feature);
    });
  });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
})();
