// Charts that answer to the pointer. Each takes the place of its drawing, on the screen only.
(() => {
  'use strict';
  if (!window.Plotly) return;
  const data = JSON.parse(document.getElementById('data').textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = () => ({family: getComputedStyle(document.body).fontFamily, size: 12, color: colour('--ink-2')});
  const axis = (more) => ({
    color: colour('--quiet'), gridcolor: colour('--rule'), linecolor: colour('--rule-2'), zeroline: false,
    showgrid: false, ticks: 'outside', ticklen: 4, tickcolor: colour('--rule-2'), ...more,
  });
  const layout = (more) => ({
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: font(), showlegend: false,
    hoverlabel: {bgcolor: colour('--paper'), bordercolor: colour('--rule-2'), font: font()},
    margin: {l: 8, r: 12, t: 8, b: 44}, dragmode: 'zoom', ...more,
  });
  const config = {
    displaylogo: false, responsive: true, displayModeBar: 'hover',
    modeBarButtonsToRemove: ['lasso2d', 'select2d', 'autoScale2d', 'toImage'],
  };
  const spread = (place) => ((place * 0.6180339887498949) % 1 - 0.5) * 0.6;

  const decoded = (text) => {
    const letters = atob(text);
    const cells = new Int8Array(letters.length);
    for (let i = 0; i < letters.length; i += 1) cells[i] = letters.charCodeAt(i);
    return cells;
  };
  const map = (box, told) => {
    const count = told.names.length;
    const cells = decoded(told.cells);
    const z = told.names.map((_, row) => Array.from(cells.subarray(row * count, (row + 1) * count), (c) => Math.abs(c) / 100));
    const text = told.names.map((name, row) => told.names.map((other, column) =>
      `${name}<br>${other}<br>ρ = ${(cells[row * count + column] / 100).toFixed(2).replace('-', '−')}`
      + (told.clusters[row] === told.clusters[column] ? `<br>cluster ${told.clusters[row]}` : '')));
    const places = told.names.map((_, place) => place);
    const trace = {
      type: 'heatmap', x: places, y: places, z, text, hovertemplate: '%{text}<extra></extra>', zmin: 0, zmax: 1,
      colorscale: [[0, colour('--paper')], [0.5, mixed(0.28)], [0.8, mixed(0.66)], [1, colour('--accent')]],
      colorbar: {thickness: 8, outlinewidth: 0, len: 0.4, lenmode: 'fraction', x: 1.01, xpad: 4, y: 1, yanchor: 'top', tickvals: [0, 0.5, 0.8, 0.99], ticktext: ['|ρ| 0', '0.5', '0.8', '1'], tickfont: {size: 12, color: colour('--quiet')}},
    };
    const none = {visible: false, constrain: 'domain'};
    return Plotly.newPlot(box, [trace], layout({
      xaxis: none, yaxis: {...none, autorange: 'reversed', scaleanchor: 'x'}, margin: {l: 0, r: 0, t: 4, b: 4},
    }), config);
  };
  const channels = (name) => colour(name).match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
  const mixed = (share) => {
    const [paper, accent] = [channels('--paper'), channels('--accent')];
    return `rgb(${paper.map((part, place) => Math.round(part + share * (accent[place] - part))).join(',')})`;
  };
  const strip = (box, rows, names, titles) => {
    const points = rows.map((row, place) => ({...row, y: row.group + spread(place)}));
    const trace = {
      type: 'scatter', mode: 'markers', x: points.map((p) => p.x), y: points.map((p) => p.y),
      text: points.map((p) => p.text), customdata: points.map((p) => p.name), hovertemplate: '%{text}<extra></extra>',
      marker: {size: points.map((p) => (p.strong ? 9 : 6)), opacity: points.map((p) => (p.strong ? 0.95 : 0.5)),
        color: points.map((p) => colour(p.strong ? '--accent' : '--quiet')), line: {width: 0}},
    };
    box.style.height = `${Math.max(200, 34 * names.length + 80)}px`;
    return Plotly.newPlot(box, [trace], layout({
      xaxis: axis({title: {text: titles.x, standoff: 8}, range: titles.range, tickvals: titles.ticks}),
      yaxis: axis({tickvals: names.map((_, place) => place), ticktext: names, range: [names.length - 0.4, -0.6], ticks: '', showline: false, automargin: true}),
      shapes: titles.lines.map((x) => ({type: 'line', x0: x, x1: x, yref: 'paper', y0: 0, y1: 1, line: {color: colour('--rule-2'), width: 1, dash: 'dot'}})),
    }), config);
  };
  const volume = (box, name) => {
    const told = JSON.parse(document.querySelector(`script[data-points="${name}"]`).textContent);
    const families = [...new Set(told.map(([family]) => family))];
    const rows = told.map(([family, tag, rho, selected]) => ({
      group: families.indexOf(family), x: rho, name: tag, strong: selected > 0,
      text: `${tag}<br>ρ with volume ${rho.toFixed(2).replace('-', '−')}` + (selected > 0 ? `<br>selected in ${Math.round(100 * selected)} % of folds` : ''),
    }));
    const made = strip(box, rows, families, {x: 'Correlation with volume, ρ', range: [-1.05, 1.05], ticks: [-1, -0.5, 0, 0.5, 1], lines: [-0.8, 0, 0.8]});
    made.then(() => box.on('plotly_click', (event) => {
      window.openFeature(document.getElementById(name.replace('volume', 'trust')), event.points[0].customdata);
    }));
    return made;
  };
  const risk = (box, name) => {
    const [classes, told] = data.risks[name.slice('risk-'.length)];
    const rows = told.map(([code, group, score]) => ({
      group, x: score, name: code, strong: group > 0, text: `${code}<br>predicted ${score.toFixed(2)}<br>observed: ${classes[group]}`,
    }));
    return strip(box, rows, classes, {x: 'Predicted risk', range: [-0.02, 1.02], ticks: [0, 0.25, 0.5, 0.75, 1], lines: []});
  };

  const binned = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const count = Math.max(6, Math.min(30, Math.round(2 * Math.sqrt(values.length))));
    const width = (high - low) / count || 0.01;
    const bins = Array.from({length: count}, (_, place) => ({from: low + place * width, cases: 0}));
    for (const value of values) bins[Math.min(count - 1, Math.floor((value - low) / width))].cases += 1;
    return {bins, width};
  };
  const permutations = (box, name) => {
    const [observed, values] = data.nulls[name.slice('null-'.length)];
    const {bins, width} = binned(values);
    const trace = {
      type: 'bar', x: bins.map((bin) => bin.from + width / 2), y: bins.map((bin) => bin.cases), width: width * 0.94,
      marker: {color: colour('--rule-2'), line: {width: 0}}, hovertemplate: '%{text}<extra></extra>',
      text: bins.map((bin) => `${bin.cases} permutation${bin.cases === 1 ? '' : 's'}<br>concordance ${bin.from.toFixed(2)} to ${(bin.from + width).toFixed(2)}`),
      textposition: 'none',
    };
    const most = Math.max(...bins.map((bin) => bin.cases));
    box.style.height = '18rem';
    return Plotly.newPlot(box, [trace], layout({
      margin: {l: 44, r: 12, t: 24, b: 44},
      xaxis: axis({title: {text: 'Concordance', standoff: 8}}),
      yaxis: axis({title: {text: 'Permutations', standoff: 8}, rangemode: 'tozero', ...(most < 8 ? {dtick: 1} : {})}),
      shapes: [{type: 'line', x0: observed, x1: observed, yref: 'paper', y0: 0, y1: 1, line: {color: colour('--accent'), width: 2}}],
      annotations: [{x: observed, yref: 'paper', y: 1, yanchor: 'bottom', showarrow: false, text: `observed ${observed.toFixed(2)}`, font: {...font(), color: colour('--accent')}}],
    }), config);
  };

  const draw = (box) => {
    const name = box.dataset.chart;
    const still = box.parentElement.querySelector('.still');
    box.hidden = false;
    if (still) still.style.display = 'none';
    if (name.startsWith('map-')) return map(box, data.maps[name]);
    if (name.startsWith('null-')) return permutations(box, name);
    return name.startsWith('volume-') ? volume(box, name) : risk(box, name);
  };
  const drawn = new Set();
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const box = entry.target.querySelector('.live');
      if (!entry.isIntersecting || drawn.has(box)) continue;
      drawn.add(box);
      draw(box);
    }
  }, {rootMargin: '600px 0px'});
  document.querySelectorAll('.live').forEach((box) => near.observe(box.parentElement));
  document.addEventListener('themechange', () => drawn.forEach((box) => draw(box)));
})();
