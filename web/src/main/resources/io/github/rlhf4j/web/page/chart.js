// Line charts: uPlot with the looks of report.html, a title, the values under the pointer, and zoom by dragging.

import uPlot from './uplot.js';
import {h, number, put} from './dom.js';

const HEIGHT = 200;

/** The class of line i: six colours, dashed from the seventh on. */
export function style(i) {
  return {name: 's' + (i % 6 + 1), dashed: i % 12 >= 6};
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axis() {
  return {stroke: colour('--soft'), grid: {stroke: colour('--rule'), width: 1}, ticks: {stroke: colour('--rule'), width: 1, size: 4}, font: '11px system-ui, sans-serif'};
}

function aligned(lines) {
  const tables = lines.map(line => [line.x, line.y]);
  return tables.length === 0 ? [[]] : tables.length === 1 ? tables[0] : uPlot.join(tables, tables.map(() => [2]));
}

/**
 * A chart. show(lines) draws lines {name, index, x, y, faint}; x ascends.
 * @param options {title, note, logX, logY, zoomed(from, to)}: zoomed is told of a part that is dragged over, and without numbers of a double click
 */
export class Chart {
  constructor(options) {
    this.options = options;
    this.lines = [];
    this.now = h('div', {class: 'now'});
    this.canvas = h('div', {role: 'img', 'aria-label': options.title + ': no values yet'});
    this.element = h('div', {class: 'chart'},
      h('h4', {}, h('span', {title: options.what}, options.title), options.note ? h('small', {class: 'wide'}, options.note) : null,
        h('button', {type: 'button', 'aria-label': 'Larger or smaller: ' + options.title, onclick: () => this.enlarge()}, '⤢')),
      this.canvas, this.now);
    this.redrawn = () => this.draw();
    document.addEventListener('theme', this.redrawn);
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(this.canvas);
  }

  enlarge() {
    this.element.classList.toggle('large');
    this.resize();
  }

  width() {
    return Math.max(200, Math.floor(this.canvas.clientWidth));
  }

  height() {
    return this.element.classList.contains('large') ? 420 : HEIGHT;
  }

  resize() {
    if (this.plot && (this.plot.width !== this.width() || this.plot.height !== this.height())) {
      this.plot.setSize({width: this.width(), height: this.height()});
    }
  }

  show(lines) {
    const same = this.plot && lines.length === this.lines.length && lines.every((line, i) => line.name === this.lines[i].name && line.index === this.lines[i].index);
    this.lines = lines;
    this.describe();
    if (same) {
      this.plot.setData(aligned(this.drawable()));
    } else {
      this.draw();
    }
  }

  /** What a log axis cannot show is left out. */
  drawable() {
    const {logX, logY} = this.options;
    return this.lines.map(line => {
      if (!(logX || logY)) {
        return line;
      }
      const keep = line.x.map((x, i) => (!logX || x > 0) && (!logY || line.y[i] > 0));
      return {...line, x: line.x.filter((_, i) => keep[i]), y: line.y.filter((_, i) => keep[i])};
    });
  }

  describe() {
    const last = this.lines.filter(line => !line.faint).map(line => line.name + ' ' + number(line.y[line.y.length - 1]));
    this.canvas.setAttribute('aria-label', this.options.title + ': ' + (last.length ? 'last values ' + last.join(', ') : 'no values'));
    this.idle = last.join(' · ');
    if (!this.pointed) {
      put(this.now, this.idle);
    }
  }

  draw() {
    this.plot?.destroy();
    const series = this.lines.map(line => {
      const look = style(line.index);
      const stroke = colour('--c' + look.name.slice(1));
      return {
        label: line.name, stroke: line.faint ? stroke + '55' : stroke, width: line.faint ? 1 : 1.7, dash: look.dashed ? [6, 3] : undefined,
        spanGaps: true, points: {show: (u, i) => u.data[i].length < 2 || line.x.length < 2}};
    });
    this.plot = new uPlot({
      width: this.width(), height: this.height(), legend: {show: false},
      scales: {x: {time: false, distr: this.options.logX ? 3 : 1}, y: {distr: this.options.logY ? 3 : 1}},
      axes: [{...axis(), size: 30, values: (u, ticks) => ticks.map(brief)}, {...axis(), size: 56, values: (u, ticks) => ticks.map(tick => tick === null ? '' : number(tick))}],
      cursor: {drag: {x: true, y: false, setScale: false}, points: {size: 6}},
      hooks: {setCursor: [u => this.point(u)], setSelect: [u => this.select(u)]},
      series: [{}, ...series],
    }, aligned(this.drawable()), this.canvas);
    this.plot.over.addEventListener('dblclick', () => this.options.zoomed?.());
  }

  point(u) {
    const i = u.cursor.idx;
    this.pointed = i !== null && i !== undefined;
    put(this.now, this.pointed
      ? number(u.data[0][i]) + ': ' + this.lines.map((line, n) => [line, valueNear(u.data[n + 1], i)]).filter(([line, y]) => !line.faint && y !== null).map(([line, y]) => line.name + ' ' + number(y)).join(' · ')
      : this.idle);
  }

  select(u) {
    if (u.select.width > 4) {
      const from = u.posToVal(u.select.left, 'x');
      const to = u.posToVal(u.select.left + u.select.width, 'x');
      u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
      this.options.zoomed?.(from, to);
    }
  }

  close() {
    document.removeEventListener('theme', this.redrawn);
    this.resizes.disconnect();
    this.plot?.destroy();
  }
}

/** Lines that were joined have values at different places: the last one before. */
function valueNear(values, i) {
  for (let at = i; at >= 0 && at > i - 50; at--) {
    if (values[at] !== null && values[at] !== undefined) {
      return values[at];
    }
  }
  return null;
}

function brief(value) {
  if (value === null) {
    return '';
  }
  const size = Math.abs(value);
  return size >= 1e9 ? value / 1e9 + 'G' : size >= 1e6 ? value / 1e6 + 'M' : size >= 1e4 ? value / 1e3 + 'k' : number(value);
}
