// Runs: how each is, and the curves of those that are chosen, live.

import {attempt, get, listen, post, tell} from '../api.js';
import {Curves} from '../curves.js';
import {ago, duration, field, h, later, number, put, select, table} from '../dom.js';
import {remembered, rememberedObject} from '../memory.js';
import {details, state} from '../run-details.js';

export async function show(place, parameters) {
  const page = new Runs(place, parameters);
  await page.start();
  return () => page.close();
}

class Runs {
  constructor(place, parameters) {
    this.chosen = parameters.getAll('run');
    this.stage = parameters.get('stage') ?? '';
    this.runs = [];
    this.filter = '';
    this.list = h('div', {class: 'runs'});
    this.around = h('div');
    this.more = h('div');
    this.stages = h('div', {class: 'controls'});
    this.curves = new Curves(rememberedObject('curves'), remember);
    this.folder = h('p', {class: 'note'});
    put(place, this.folder,
      h('section', {}, h('div', {class: 'controls'}, field('Runs that contain', h('input', {type: 'search', oninput: event => {
        this.filter = event.target.value.toLowerCase();
        this.draw();
      }}))), this.list, this.around),
      this.panel = h('section', {'aria-label': 'Curves'}, h('h2', {}, 'Curves'), this.stages, this.curves.element), this.more);
    this.redraw = later(100, () => this.draw());
    this.reload = later(300, () => this.details());
  }

  async start() {
    await this.load();
    if (this.chosen.length === 0 && this.runs.length > 0) {
      const first = this.runs.find(run => run.state === 'running') ?? [...this.runs].sort((a, b) => b.changed - a.changed)[0];
      this.chosen = [first.run];
    }
    this.draw();
    await this.details();
    this.listen();
  }

  async load() {
    const answer = await get('runs');
    this.runs = answer.runs;
    this.experiments(answer.experiments);
    put(this.folder, this.runs.length ? `Runs below ${answer.folder}` : `No runs below ${answer.folder} yet. Start one: ./rlhf4j run configs/quickstart.yaml, or the page Start.`);
    this.panel.hidden = this.runs.length === 0;
  }

  listen() {
    this.unlisten?.();
    this.unlisten = listen('live', {run: this.chosen}, {
      run: run => {
        const at = this.runs.findIndex(known => known.run === run.run);
        if (at >= 0) {
          const before = this.runs[at];
          this.runs[at] = run;
          this.redraw();
          if (this.chosen.includes(run.run) && (before.state !== run.state || before.stage !== run.stage)) {
            this.reload();
          }
        }
      },
      runs: () => attempt(async () => {
        await this.load();
        this.draw();
      }),
      experiments: list => this.experiments(list),
      metrics: event => {
        if (!this.curves.more(event)) {
          this.reload();
        }
      },
      log: event => this.details_?.log(event),
      open: () => {
        if (this.lost) { // what came meanwhile was missed
          this.lost = false;
          this.reload();
        }
      },
      error: () => {
        this.lost = true;
      },
    });
  }

  draw() {
    const rows = this.runs.filter(run => run.run.toLowerCase().includes(this.filter)).sort((a, b) => (b.state === 'running') - (a.state === 'running') || b.changed - a.changed);
    const focused = document.activeElement?.id;
    put(this.list, table('Runs', ['', 'run', 'state', 'stage', 'progress', 'last', ''], rows.slice(0, 500).map(run => this.row(run))),
      rows.length > 500 ? h('p', {class: 'note'}, `${rows.length - 500} more; say what their names contain`) : null);
    this.list.querySelectorAll('tbody tr').forEach((element, i) => element.classList.toggle('chosen', this.chosen.includes(rows[i].run)));
    if (focused) {
      document.getElementById(focused)?.focus();
    }
  }

  experiments(list) {
    const sorted = [...list].sort((a, b) => (b.state === 'running') - (a.state === 'running') || b.begun - a.begun).slice(0, 100);
    put(this.around, sorted.length ? h('div', {class: 'runs'}, table('Experiments', ['experiment', 'state', 'runs', 'latest', ''], sorted.map(one => [one.experiment, state(one.state),
      [h('progress', {max: one.runs, value: one.complete, 'aria-label': 'Runs of ' + one.experiment}), ` ${number(one.complete)}/${number(one.runs)}`], one.state === 'running' ? one.latest : one.message || one.latest,
      one.state === 'running' ? h('button', {type: 'button', 'aria-label': 'Stop the experiment ' + one.experiment, onclick: () => attempt(async () => {
        await post('experiment/stop', {experiment: one.experiment});
        tell(`${one.experiment} stops after the steps of its runs, with checkpoints; continue it by ./rlhf4j run ... --resume.`);
      })}, 'Stop') : '']))) : null);
  }

  row(run) {
    const stage = run.stages.find(one => one.name === run.stage);
    const box = h('input', {type: 'checkbox', id: 'choose-' + run.run, checked: this.chosen.includes(run.run), 'aria-label': 'Draw ' + run.run, onchange: () => this.toggle(run.run)});
    const steps = stage?.steps ? [h('progress', {max: stage.steps, value: stage.step, 'aria-label': 'Steps of ' + run.run}), ` ${number(stage.step)}/${number(stage.steps)}`] : stage?.step ? number(stage.step) + ' steps' : '';
    const complete = run.stages.filter(one => one.state === 'done').length;
    return [box, h('a', {href: '#/runs?' + new URLSearchParams({run: run.run})}, run.run), state(run.state),
      run.state === 'done' ? `${complete} stages` : `${run.stage ?? ''} (${complete}/${run.stages.length})`,
      h('span', {}, run.state === 'done' ? '' : steps, run.seconds_left ? ' ' + duration(run.seconds_left) + ' left' : ''),
      Object.entries(run.metrics ?? {}).map(([metric, value]) => metric + ' ' + number(value)).join(', '), ago(run.changed)];
  }

  toggle(run) {
    this.chosen = this.chosen.includes(run) ? this.chosen.filter(other => other !== run) : [...this.chosen, run];
    history.replaceState(null, '', '#/runs?' + new URLSearchParams([...this.chosen.map(name => ['run', name]), ...this.stage ? [['stage', this.stage]] : []]));
    this.draw();
    this.details();
    this.listen();
  }

  /** Everything of the chosen runs: their stages for the curves, and below what one is or how several differ. */
  async details() {
    const chosen = [...this.chosen];
    const runs = (await Promise.all(chosen.map(run => attempt(() => get('run', {run}))))).filter(Boolean);
    if (chosen.join() !== this.chosen.join()) {
      return;
    }
    if (runs.some(run => run.stages.some(stage => stage.draft))) { // long files are still being read: metrics of few lines come with them
      clearTimeout(this.again);
      this.again = setTimeout(() => this.details(), 1500);
    }
    const names = [...new Set(runs.flatMap(run => run.stages.filter(stage => stage.metrics.length).map(stage => stage.name)))];
    if (!names.includes(this.stage)) {
      this.stage = names.includes(runs[0]?.stage) ? runs[0].stage : names[names.length - 1] ?? '';
    }
    put(this.stages, names.length > 1 ? field('Stage', select([...names, ['*', 'all stages']], this.stage, value => {
      this.stage = value;
      this.details();
    })) : null);
    const guide = Object.assign({}, ...runs.map(run => run.guide));
    const stages = runs.flatMap(run => run.stages.filter(stage => stage.metrics.length && (this.stage === '*' || stage.name === this.stage))
      .map(stage => ({key: run.run + ':' + stage.name, label: [runs.length > 1 ? run.run : '', this.stage === '*' ? stage.name : ''].filter(Boolean).join(' ') || run.run, metrics: stage.metrics})));
    this.curves.show(stages, guide);
    if (runs.length === 1) {
      const open = this.details_?.opened();
      this.details_ = details(runs[0], open, (what, run) => this.ask(what, run));
      put(this.more, this.details_.element);
    } else if (runs.length > 1) {
      this.details_ = undefined;
      const answer = await attempt(() => get('differences', {run: this.chosen}));
      put(this.more, answer ? h('section', {}, h('h2', {}, 'How their configurations differ'), answer.rows.length
        ? table('Differences of the configurations', ['key', ...answer.runs], answer.rows.map(row => [row.key, ...row.values]), {class: 'plain'})
        : h('p', {class: 'note'}, 'They do not.')) : []);
    } else {
      put(this.more);
    }
  }

  async ask(what, run) {
    if (await attempt(() => post(what, {run}))) {
      tell(what === 'stop' ? `${run} stops after its step, with a checkpoint; continue it by ./rlhf4j run ... --resume.` : `${run} writes a checkpoint after its step.`);
    }
  }

  close() {
    clearTimeout(this.again);
    this.unlisten?.();
    this.curves.close();
  }
}

function remember(settings) {
  remembered('curves', JSON.stringify({...settings, filter: ''}));
}
