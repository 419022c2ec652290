// The curves of runs over each other: what is visible is asked for, decimated by the server; new steps are added as they come.

import {attempt, get} from './api.js';
import {Chart, style} from './chart.js';
import {field, h, later, put, select} from './dom.js';

const WAIT = 500; // ms from news of a run that trains to the next question

export class Curves {
  /** @param changed is told the settings when a person changes them */
  constructor(settings, changed) {
    this.settings = {x: 'steps', smoothing: 0, logX: false, logY: false, filter: '', ...settings};
    this.changed = changed;
    this.stages = [];
    this.charts = new Map();
    this.visible = new Set();
    this.range = {};
    this.grid = h('div', {class: 'charts'});
    this.legend = h('div', {class: 'legend'});
    this.element = h('div', {}, this.controls(), this.legend, this.grid);
    this.sight = new IntersectionObserver(entries => this.seen(entries), {rootMargin: '200px'});
    this.refresh = later(40, () => this.ask(this.visible));
    this.due = false;
  }

  controls() {
    const set = (name, value) => {
      this.settings[name] = value;
      this.changed(this.settings);
    };
    const redraw = (name, value) => {
      set(name, value);
      this.rebuild();
    };
    const smoothing = h('input', {type: 'range', min: 0, max: 0.99, step: 0.01, value: this.settings.smoothing,
      oninput: event => {
        set('smoothing', Number(event.target.value));
        this.refresh();
      }});
    const toggle = (name, text) => h('label', {class: 'check'}, h('input', {type: 'checkbox', checked: this.settings[name], onchange: event => redraw(name, event.target.checked)}), text);
    return h('div', {class: 'controls'},
      field('Over', select([['steps', 'steps'], ['tokens', 'tokens'], ['time', 'time (s)']], this.settings.x, value => {
        this.zoom();
        redraw('x', value);
      })),
      field('Smoothing', smoothing),
      field('Metrics that contain', h('input', {type: 'search', value: this.settings.filter, placeholder: 'all', oninput: later(200, event => redraw('filter', event.target.value))})),
      toggle('logX', 'log x'), toggle('logY', 'log y'),
      this.whole = h('button', {type: 'button', hidden: true, onclick: () => this.zoom()}, 'Whole range'));
  }

  /**
   * Which stages are drawn.
   * @param stages [{key: 'RUN:STAGE', label, metrics}]
   * @param guide what metrics mean, by their names
   */
  show(stages, guide) {
    const before = JSON.stringify([this.stages.map(stage => stage.key), this.metrics()]);
    this.stages = stages;
    this.guide = guide;
    if (before !== JSON.stringify([stages.map(stage => stage.key), this.metrics()])) {
      this.rebuild();
    }
  }

  metrics() {
    const names = [...new Set(this.stages.flatMap(stage => stage.metrics))];
    const wanted = this.settings.filter.trim().toLowerCase();
    return names.filter(name => !['num_tokens', 'epoch'].includes(name) && name.toLowerCase().includes(wanted));
  }

  rebuild() {
    this.closeCharts();
    put(this.legend, this.stages.length > 1 ? this.stages.map((stage, i) => {
      const look = style(i);
      return h('span', {}, h('span', {class: `key ${look.name}${look.dashed ? ' dashed' : ''}`}), stage.label);
    }) : []);
    for (const metric of this.metrics()) {
      const known = this.guide[metric];
      const chart = new Chart({title: metric, note: known?.brief, what: known?.what, logX: this.settings.logX, logY: this.settings.logY, zoomed: (from, to) => this.zoom(from, to)});
      chart.element.dataset.metric = metric;
      this.charts.set(metric, chart);
      this.grid.append(chart.element);
      this.sight.observe(chart.element);
    }
    if (this.charts.size === 0) {
      put(this.grid, h('p', {class: 'note'}, this.stages.length ? 'No metrics yet.' : 'Choose a run.'));
    }
  }

  seen(entries) {
    for (const entry of entries) {
      const metric = entry.target.dataset.metric;
      if (entry.isIntersecting) {
        this.visible.add(metric);
      } else {
        this.visible.delete(metric);
      }
    }
    if (entries.some(entry => entry.isIntersecting)) {
      this.refresh();
    }
  }

  zoom(from, to) {
    this.range = from === undefined ? {} : {from, to};
    this.whole.hidden = from === undefined;
    this.refresh();
  }

  async ask(metrics) {
    const wanted = [...metrics].filter(metric => this.charts.has(metric));
    if (wanted.length === 0) {
      return;
    }
    this.asking?.abort();
    const own = this.asking = new AbortController();
    const answer = await attempt(() => get('curves', {
      stage: this.stages.map(stage => stage.key), metric: wanted, x: this.settings.x, smoothing: this.settings.smoothing || undefined,
      from: this.range.from, to: this.range.to, columns: 500}, own.signal));
    if (own === this.asking) {
      this.asking = undefined;
    }
    if (!answer) {
      return;
    }
    if (answer.draft) { // of long files that are still being read
      this.soon();
    }
    for (const metric of wanted) {
      this.charts.get(metric)?.show(this.lines(answer.curves.filter(curve => curve.metric === metric)));
    }
  }

  lines(curves) {
    const lines = [];
    for (const curve of curves) {
      const index = this.stages.findIndex(stage => stage.key === curve.stage);
      if (index >= 0) {
        const name = this.stages.length > 1 ? this.stages[index].label : curve.metric;
        lines.push({name, index, x: curve.x, y: curve.y, faint: Boolean(curve.sx), key: curve.stage});
        if (curve.sx) {
          lines.push({name, index, x: curve.sx, y: curve.sy});
        }
      }
    }
    return lines;
  }

  /** New lines of a stage's metrics: over steps and unsmoothed they are drawn at once, else the curves are asked for again. */
  more(event) {
    const key = event.run + ':' + event.stage;
    const stage = this.stages.find(known => known.key === key);
    if (!stage) {
      return false;
    }
    const named = new Set(event.lines.flatMap(line => Object.keys(line)));
    if ([...named].some(metric => metric !== 'step' && !stage.metrics.includes(metric))) {
      return false;
    }
    if (event.reload || this.settings.x === 'time' || this.settings.smoothing > 0 || this.range.from !== undefined) {
      this.soon();
      return true;
    }
    for (const metric of this.visible) {
      const chart = this.charts.get(metric);
      const line = chart?.lines.find(one => one.key === key);
      if (line) {
        for (const values of event.lines) {
          const x = this.settings.x === 'tokens' ? values.num_tokens : values.step;
          if (values[metric] !== undefined && x !== undefined) {
            line.x.push(x);
            line.y.push(values[metric]);
          }
        }
        chart.show(chart.lines);
        if (line.x.length > 3000) {
          this.soon();
        }
      } else if (chart && event.lines.some(values => values[metric] !== undefined)) {
        this.soon();
      }
    }
    return true;
  }

  /** Asks for the curves again, after the answer that is under way: news come faster than a slow one. */
  soon() {
    if (!this.due) {
      this.due = true;
      setTimeout(() => {
        this.due = false;
        this.asking ? this.soon() : this.ask(this.visible);
      }, WAIT);
    }
  }

  closeCharts() {
    this.sight.disconnect();
    this.charts.forEach(chart => chart.close());
    this.charts.clear();
    this.visible.clear();
    this.grid.replaceChildren();
  }

  close() {
    this.asking?.abort();
    this.closeCharts();
  }
}
