// Roll-outs: every sample of every step, sorted and filtered; its group, the same prompt over steps; signs of reward hacking; reward over distance.

import {attempt, get} from '../api.js';
import {field, h, later, number, pager, put, select, svg, table} from '../dom.js';
import {style} from '../chart.js';

const COUNT = 20;
const TEXTS = ['prompt', 'response', 'completion', 'text', 'revision', 'critique'];

export async function show(place, parameters) {
  const page = new Rollouts(place, parameters);
  await page.start();
}

class Rollouts {
  constructor(place, parameters) {
    this.run = parameters.get('run') ?? '';
    this.stage = parameters.get('stage') ?? '';
    this.sort = parameters.get('sort') ?? '';
    this.descending = parameters.get('descending') === 'true';
    this.filters = parameters.getAll('filter');
    this.text = parameters.get('text') ?? '';
    this.from = 0;
    this.columns = [];
    this.choice = h('div', {class: 'controls'});
    this.controls = h('div', {class: 'controls'});
    this.active = h('div', {class: 'controls'});
    this.list = h('div', {'aria-live': 'polite'});
    this.signs = h('div');
    this.plane = h('div');
    this.others = parameters.getAll('with');
    this.prompts = h('div');
    put(place, this.choice, h('div', {class: 'two'}, h('section', {'aria-label': 'Signs'}, h('h2', {}, 'Signs of reward hacking'), this.signs),
      h('section', {'aria-label': 'Reward over distance'}, h('h2', {}, 'Reward over distance'), this.plane)),
      h('section', {'aria-label': 'Samples'}, h('h2', {}, 'Samples'), this.controls, this.active, this.list),
      h('section', {'aria-label': 'Prompts that come again'}, h('h2', {}, 'The same prompts over the steps'), this.prompts));
    this.place = place;
  }

  async start() {
    this.stages = (await get('rollouts/stages')).stages.sort((a, b) => b.changed - a.changed);
    if (this.stages.length === 0) {
      put(this.place, h('p', {class: 'note'}, 'No stage here has samples yet. PPO, GRPO, RLOO, online DPO, best of n and evaluate write some.'));
      return;
    }
    if (!this.stages.some(one => one.run === this.run && one.stage === this.stage)) {
      this.run = this.stages[0].run;
      this.stage = this.stages[0].stage;
    }
    put(this.choice, field('Stage', select(this.stages.map(one => [one.run + '\n' + one.stage, `${one.run} · ${one.stage}`]), this.run + '\n' + this.stage, value => {
      [this.run, this.stage] = value.split('\n');
      this.filters = [];
      this.sort = '';
      this.from = 0;
      this.all();
    })), h('button', {type: 'button', onclick: () => this.all()}, 'Read again'));
    await this.all();
  }

  async all() {
    await this.load(true);
    await Promise.all([this.loadSigns(), this.loadPlane(), this.loadPrompts()]);
  }

  where() {
    return {run: this.run, stage: this.stage};
  }

  remember() {
    const query = new URLSearchParams(Object.entries({...this.where(), sort: this.sort, text: this.text}).filter(([, value]) => value));
    this.filters.forEach(filter => query.append('filter', filter));
    this.others.forEach(run => query.append('with', run));
    if (this.descending) {
      query.set('descending', 'true');
    }
    history.replaceState(null, '', '#/rollouts?' + query);
  }

  /** Shows samples from that one on. */
  turn(from) {
    this.from = from;
    return this.load();
  }

  async load(isNew) {
    const answer = await attempt(() => get('rollouts', {...this.where(), sort: this.sort, descending: this.descending || undefined, filter: this.filters, text: this.text, from: this.from, count: COUNT}));
    if (!answer) {
      return;
    }
    this.remember();
    this.columns = answer.columns;
    if (isNew) {
      this.drawControls();
    }
    this.drawActive();
    const found = answer.found === answer.total ? `${number(answer.total)} samples` : `${number(answer.found)} of ${number(answer.total)} samples`;
    const searched = answer.whole ? '' : `; the text was looked for in the first ${number(answer.searched)} of them`;
    put(this.list, h('p', {class: 'note', id: 'found'}, found + searched), this.pager(answer.found), answer.rows.map(row => this.card(row)), this.pager(answer.found));
  }

  drawControls() {
    const column = select(this.columns, this.columns.includes('score') ? 'score' : this.columns[0], () => {}, {id: 'filter-column'});
    const sign = select(['>=', '<=', '=', '!=', '>', '<'], '>=', () => {}, {'aria-label': 'Condition'});
    const value = h('input', {type: 'text', size: 7, 'aria-label': 'Value', inputmode: 'decimal', id: 'filter-value'});
    const add = () => {
      if (value.value.trim()) {
        this.filters.push(`${column.value} ${sign.value} ${value.value.trim()}`);
        this.turn(0);
      }
    };
    value.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        add();
      }
    });
    put(this.controls,
      field('Sort by', select([['', 'order of the file'], ...this.columns.map(name => [name, name])], this.sort, choice => {
        this.sort = choice;
        this.turn(0);
      })),
      h('label', {class: 'check'}, h('input', {type: 'checkbox', checked: this.descending, onchange: event => {
        this.descending = event.target.checked;
        this.turn(0);
      }}), 'largest first'),
      field('Only where', column), sign, value, h('button', {type: 'button', onclick: add}, 'Add filter'),
      field('Text', h('input', {type: 'search', value: this.text, oninput: later(400, event => {
        this.text = event.target.value;
        this.turn(0);
      })})));
  }

  drawActive() {
    put(this.active, this.filters.map((filter, i) => h('button', {type: 'button', 'aria-label': 'Take away the filter ' + filter, onclick: () => {
      this.filters.splice(i, 1);
      this.turn(0);
    }}, filter + ' ×')));
  }

  pager(found) {
    return pager(this.from, COUNT, found, `${number(this.from + 1)} to ${number(Math.min(found, this.from + COUNT))}`, to => this.turn(to));
  }

  card(row) {
    const more = h('div');
    const open = (what, strip) => attempt(async () => {
      const answer = await get('rollouts/' + what, {...this.where(), row: row.row});
      put(more, h('div', {class: strip ? 'cells strip' : 'cells', tabindex: '0', role: 'region', 'aria-label': strip ? 'The same prompt over the steps' : 'The group'},
        answer.rows.map(other => cell(other, strip ? `step ${other.step}` : other.row === row.row ? 'this one' : `row ${other.row}`))));
    });
    return h('article', {class: 'card', 'data-row': row.row},
      h('header', {}, h('small', {}, `step ${row.step ?? ''} · row ${row.row}`), row.prompt === undefined ? null : h('p', {class: 'text prompt', tabindex: '0'}, textOf(row.prompt))),
      row.answers ? h('div', {class: 'cells'}, Object.entries(row.answers).map(([model, answer]) => cell({...answer, response: answer.text, text: undefined}, model))) : cell({...row, prompt: undefined}),
      row.answers ? null : h('div', {class: 'cell controls'}, h('button', {type: 'button', onclick: () => open('group', false)}, 'Group beside each other'), h('button', {type: 'button', onclick: () => open('strip', true)}, 'Same prompt over steps'),
        row.tokens ? null : h('button', {type: 'button', onclick: () => attempt(async () => {
          put(more, h('p', {class: 'note'}, 'Opening the two models ...'));
          const answer = await get('rollouts/tokens', {...this.where(), row: row.row});
          put(more, h('div', {class: 'cell'}, h('small', {}, `Log-ratio of the stage's model to the one it is held against, ${number(answer.sum)} nats in all: blue is more likely now, orange less.`), tokens(answer.tokens)));
        })}, 'Tokens by log-ratio')), more);
  }

  async loadSigns() {
    const answer = await attempt(() => get('rollouts/signs', this.where()));
    if (!answer || answer.signs.every(sign => sign.means.length === 0)) {
      put(this.signs, h('p', {class: 'note'}, 'Nothing to see yet.'));
      return;
    }
    const rows = answer.signs.map(sign => {
      const known = sign.means.filter(mean => mean !== null);
      return [sign.held_out ? sign.name + ' (held out)' : sign.name, known.length ? number(known[0]) : '', known.length ? number(known[known.length - 1]) : '', spark(sign.means, sign.name),
        known.length > 1 ? number(known[known.length - 1] - known[0]) + (sign.error ? ' ± ' + number(2 * sign.error) : '') : '', sign.marked ? h('span', {class: 'flag'}, '⚑ read these') : ''];
    });
    put(this.signs, h('p', {class: 'note'}, `Means over equal parts of the samples, from step ${number(answer.steps[0])} to the last. ⚑ marks a large change, clearer than two standard errors, of a stage whose score has grown. It is a reason to read the samples, not a verdict.`),
      table('Signs from first to last', ['sign', 'first', 'last', 'on the way', 'change ± 2 standard errors', ''], rows, {class: 'numbers'}));
  }

  async loadPlane() {
    const runs = [...new Set(this.stages.map(one => one.run))];
    const drawn = [this.run, ...this.others.filter(run => run !== this.run && runs.includes(run))];
    const answer = await attempt(() => get('rollouts/plane', {run: drawn}));
    const more = runs.length > 1 ? h('details', {open: drawn.length > 1}, h('summary', {}, 'Other runs in the same plane'), h('div', {class: 'controls'}, runs.filter(run => run !== this.run).slice(0, 200).map(run =>
      h('label', {class: 'check'}, h('input', {type: 'checkbox', checked: drawn.includes(run), onchange: event => {
        this.others = event.target.checked ? [...this.others, run] : this.others.filter(other => other !== run);
        this.remember();
        attempt(() => this.loadPlane());
      }}), run)))) : null;
    put(this.plane, answer && (answer.ways.length || answer.dots.length) ? plane(answer) : h('p', {class: 'note'}, 'This run has logged no KL with a reward.'), more);
  }

  async loadPrompts() {
    const answer = await attempt(() => get('rollouts/prompts', this.where()));
    put(this.prompts, answer?.prompts.length ? answer.prompts.map(prompt => {
      const strip = h('div');
      return h('details', {ontoggle: event => event.target.open && strip.childElementCount === 0 && attempt(async () => {
        const rows = (await get('rollouts/strip', {...this.where(), row: prompt.row})).rows;
        put(strip, h('div', {class: 'cells strip', tabindex: '0', role: 'region', 'aria-label': 'Responses over the steps'}, rows.map(row => cell({...row, prompt: undefined}, 'step ' + row.step))));
      })}, h('summary', {}, `${textOf(prompt.prompt).slice(0, 160)} (${prompt.steps} steps)`), strip);
    }) : h('p', {class: 'note'}, 'No prompt comes in more than one step.'));
  }
}

function textOf(value) {
  if (typeof value === 'string') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(message => `${message.role ?? ''}: ${message.content ?? ''}`).join('\n');
  }
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** One response: its texts, then its numbers; tokens in colour where the file has their values. */
function cell(row, title) {
  const texts = Object.entries(row).filter(([key, value]) => TEXTS.includes(key) && value !== undefined || typeof value === 'string');
  const facts = [];
  for (const [key, value] of Object.entries(row)) {
    if (['row', 'step', 'tokens'].includes(key) || typeof value === 'string' || TEXTS.includes(key) || value === undefined) {
      continue;
    }
    if (value !== null && typeof value === 'object') {
      for (const [inner, one] of Object.entries(value)) {
        facts.push([key === 'scores' ? inner : `${key}.${inner}`, one]);
      }
    } else {
      facts.push([key, value]);
    }
  }
  return h('div', {class: 'cell'}, title ? h('small', {}, title) : null,
    Array.isArray(row.tokens) ? tokens(row.tokens) : null,
    texts.filter(([key]) => !(Array.isArray(row.tokens) && key === 'response')).map(([key, text]) => h('p', {class: 'text', tabindex: '0'}, texts.length > 1 && key !== 'response' ? h('small', {}, key + ': ') : null, textOf(text))),
    h('div', {class: 'facts'}, facts.map(([name, value]) => h('span', {}, name.replaceAll('_', ' ') + ' ', h('b', {}, typeof value === 'number' ? number(value) : typeof value === 'object' ? JSON.stringify(value) : String(value))))));
}

const PAINTS = ['log_ratio', 'log_prob', 'advantage', 'value'];

function tokens(list) {
  const place = h('div', {class: 'tokens'});
  const known = PAINTS.filter(name => list.some(token => typeof token[name] === 'number'));
  const paint = name => {
    const largest = Math.max(1e-9, ...list.map(token => Math.abs(token[name] ?? 0)));
    put(place, list.map(token => {
      const share = (token[name] ?? 0) / largest;
      const span = h('span', {title: known.map(one => `${one.replace('_', ' ')} ${number(token[one])}`).join('\n')}, token.text);
      span.style.backgroundColor = `color-mix(in srgb, var(${share < 0 ? '--c2' : '--c1'}) ${Math.round(Math.abs(share) * 55)}%, transparent)`;
      return span;
    }));
  };
  if (known.length === 0) {
    return h('p', {class: 'text'}, list.map(token => token.text).join(''));
  }
  paint(known[0]);
  return h('div', {}, field('Tokens coloured by', select(known.map(name => [name, name.replace('_', ' ')]), known[0], paint)), place);
}

function spark(means, name) {
  const known = means.map((mean, i) => [i, mean]).filter(([, mean]) => mean !== null);
  if (known.length < 2) {
    return '';
  }
  const low = Math.min(...known.map(([, mean]) => mean));
  const high = Math.max(...known.map(([, mean]) => mean));
  const x = i => 2 + i * 96 / (means.length - 1);
  const y = mean => 20 - (high > low ? (mean - low) / (high - low) : 0.5) * 18;
  return svg('svg', {width: 100, height: 22, viewBox: '0 0 100 22', role: 'img', 'aria-label': `${name}: ${known.map(([, mean]) => number(mean)).join(', ')}`, class: 's1'},
    svg('polyline', {class: 'path', points: known.map(([i, mean]) => `${x(i).toFixed(1)},${y(mean).toFixed(1)}`).join(' ')}));
}

/** The ways of stages and the models of evaluations; rewards and hidden utilities on one scale each are not compared. */
function plane(answer) {
  const several = new Set([...answer.ways, ...answer.dots].map(one => one.run)).size > 1;
  const from = one => several ? one.run + ' ' : '';
  const wayName = way => `${from(way)}${way.stage} (${way.reward})`;
  const dotName = dot => from(dot) + dot.metric;
  const names = [...new Set([...answer.ways.map(wayName), ...answer.dots.map(dotName)])];
  const points = [...answer.ways.flatMap(way => way.points), ...answer.dots];
  const right = Math.max(...points.map(point => point.x), 1e-9) * 1.05;
  const low = Math.min(...points.map(point => point.y));
  const high = Math.max(...points.map(point => point.y));
  const pad = (high - low) * 0.08 || 1;
  const x = value => 52 + value / right * 640;
  const y = value => 12 + (high + pad - value) / (high - low + 2 * pad) * 290;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const parts = [];
  for (const tick of ticks) {
    const across = low - pad + tick * (high - low + 2 * pad);
    parts.push(svg('line', {class: 'grid', x1: 52, x2: 692, y1: y(across), y2: y(across)}), svg('text', {x: 46, y: y(across) + 4, 'text-anchor': 'end'}, number(across)),
      svg('text', {x: x(tick * right), y: 320, 'text-anchor': 'middle'}, number(tick * right)));
  }
  for (const way of answer.ways) {
    const look = style(names.indexOf(wayName(way))).name;
    parts.push(svg('g', {class: look}, svg('polyline', {class: 'path', points: way.points.map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ')}),
      way.points.map((point, i) => svg('circle', {class: 'dot', cx: x(point.x), cy: y(point.y), r: i === way.points.length - 1 ? 5 : 2}, svg('title', {}, `${from(way)}${way.stage}, step ${point.step}: √KL ${number(point.x)}, ${way.reward} ${number(point.y)}`)))));
  }
  for (const dot of answer.dots) {
    parts.push(svg('g', {class: style(names.indexOf(dotName(dot))).name}, svg('line', {class: 'path', x1: x(dot.x), x2: x(dot.x), y1: y(dot.y - 2 * dot.error), y2: y(dot.y + 2 * dot.error)}),
      svg('rect', {class: 'dot', x: x(dot.x) - 4, y: y(dot.y) - 4, width: 8, height: 8}, svg('title', {}, `${from(dot)}${dot.model}: √KL ${number(dot.x)}, ${dot.metric} ${number(dot.y)} ± ${number(2 * dot.error)}`)),
      svg('text', {x: x(dot.x) + 7, y: y(dot.y) + 4}, dot.model)));
  }
  return h('div', {}, h('p', {class: 'note'}, 'To the right: farther from the reference, as the root of the KL in nats. Dots are steps of a stage, the large one its last; squares are models of an evaluation, with two standard errors. Where a reward rises with distance and the hidden utility does not, the model follows its judge\'s mistakes.'),
    h('div', {class: 'legend'}, names.map((name, i) => h('span', {}, h('span', {class: 'key ' + style(i).name}), name))),
    svg('svg', {class: 'plane', viewBox: '0 0 700 340', role: 'img', 'aria-label': `Reward over the root of KL: ${answer.ways.map(way => way.stage).join(', ')} ${answer.dots.map(dot => from(dot) + dot.model).join(', ')}`}, parts, svg('text', {x: 372, y: 337, 'text-anchor': 'middle'}, '√KL, nats')));
}
