// Start: a run file as a form made from its schema and as text beside it. The text is what counts; it is checked as one types.

import {attempt, get, post, tell} from '../api.js';
import {field, h, later, put, select} from '../dom.js';
import {remembered} from '../memory.js';
import {addStage, read, write} from '../run-text.js';

const FILE = 'run-file'; // of this tab alone

export async function show(place) {
  const page = new Start(place);
  await page.start();
  return () => page.close();
}

class Start {
  constructor(place) {
    this.place = place;
    this.checks = 0;
    this.check = later(500, () => this.checkNow());
  }

  async start() {
    this.schema = await get('start/schema');
    this.types = Object.keys(this.schema.$defs).filter(name => name.startsWith('stage-')).map(name => name.slice(6));
    this.text = h('textarea', {rows: 28, spellcheck: 'false', oninput: () => {
      this.check();
      this.drawFormSoon();
    }});
    this.text.value = remembered(FILE, undefined, 'sessionStorage') ?? 'name: my-run\nseed: 7\nstages:\n';
    this.form = h('div');
    this.verdict = h('div', {'aria-live': 'polite'});
    this.drawFormSoon = later(600, () => this.drawForm());
    put(this.place,
      h('p', {class: 'note'}, 'A run file: which stages run, on which models and data. The form writes into the text; the text is what is checked and started. The run is a process of its own, so this page may be closed.'),
      h('div', {class: 'controls'},
        field('Begin with', select([['', 'choose ...'], ['rlhf', 'rlhf: the whole chain'], ...this.types.map(type => [type, type])], '', kind => this.template(kind))),
        field('Add a stage', select([['', 'choose ...'], ...this.types.map(type => [type, type])], '', type => this.add(type)))),
      h('div', {class: 'two'}, h('section', {'aria-label': 'Form'}, h('h2', {}, 'Form'), this.form),
        h('section', {'aria-label': 'Run file'}, h('h2', {}, 'Run file'), field('YAML', this.text), this.verdict)));
    this.drawForm();
    await this.checkNow();
    this.timer = setInterval(() => this.look(), 2000);
  }

  set(text) {
    this.text.value = text;
    this.check();
    this.drawForm();
  }

  async template(kind) {
    if (kind) {
      const answer = await attempt(() => get('start/template', {kind}));
      if (answer) {
        this.set(answer.code === 0 ? answer.result + '\n' : '');
      }
    }
  }

  add(type) {
    if (type) {
      const names = read(this.text.value).stages.map(stage => stage.name);
      let name = type;
      for (let i = 2; names.includes(name); i++) {
        name = `${type}_${i}`;
      }
      this.set(addStage(this.text.value, name, type));
    }
  }

  drawForm() {
    const known = read(this.text.value);
    const open = new Set([...this.form.querySelectorAll('details[open]')].map(one => one.dataset.part));
    const run = ['name', 'seed', 'output_dir', 'model', 'dataset'];
    put(this.form, run.map(key => this.control('', key, this.schema.properties[key] ?? {}, known.keys[key]?.value ?? '')),
      known.stages.map(stage => {
        const type = stage.keys.type?.value ?? '';
        const properties = this.schema.$defs['stage-' + type]?.properties;
        const required = this.schema.$defs['stage-' + type]?.required ?? [];
        const controls = names => names.map(key => this.control(stage.name, key, properties[key], stage.keys[key]?.value ?? '', required.includes(key)));
        const all = properties ? Object.keys(properties).filter(key => key !== 'type') : [];
        const first = all.filter(key => required.includes(key) || stage.keys[key] || MAIN.includes(key));
        return h('details', {'data-part': stage.name, open: open.has(stage.name) || open.size === 0 && stage === known.stages[0]}, h('summary', {}, `${stage.name} (${type || 'no type'})`),
          properties ? [controls(first), h('details', {'data-part': stage.name + '+', open: open.has(stage.name + '+')}, h('summary', {}, `${all.length - first.length} more keys`), controls(all.filter(key => !first.includes(key))))]
            : h('p', {class: 'problem'}, 'Its type is not known.'));
      }));
  }

  control(stage, key, schema, value, required) {
    const choices = enumOf(schema);
    const change = given => {
      this.text.value = write(this.text.value, stage, key, given);
      this.check();
    };
    const preset = schema.default === undefined ? '' : typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
    const control = choices && (value === '' || choices.includes(value))
      ? select([['', preset === '' ? '' : `default: ${preset}`], ...choices], value, change)
      : h('input', {type: 'text', value, placeholder: preset, required, oninput: later(300, event => change(event.target.value))});
    return field(key + (required ? ' *' : ''), control, schema.description ? h('small', {}, schema.description) : null);
  }

  async checkNow() {
    const own = ++this.checks;
    remembered(FILE, this.text.value, 'sessionStorage');
    const answer = await attempt(() => post('start/check', {yaml: this.text.value}));
    if (!answer || own !== this.checks) {
      return;
    }
    const right = answer.problems.length === 0;
    put(this.verdict, right ? this.ready(answer) : h('div', {class: 'warnings'}, h('strong', {}, `${answer.problems.length} to mend`), h('ul', {}, answer.problems.map(line => h('li', {class: 'problem'}, line)))));
  }

  ready(answer) {
    const start = how => h('button', {type: 'button', class: 'main', onclick: () => this.run(how)}, {new: 'Start', resume: 'Continue it', overwrite: 'Replace it'}[how]);
    const time = h('div');
    return h('div', {}, h('p', {}, `Ready: ${answer.stages.length} stages into ${answer.folder}.`, answer.exists ? ' A run of this name is there.' : ''),
      h('div', {class: 'controls'}, answer.exists ? [start('resume'), start('overwrite')] : start('new'),
        h('button', {type: 'button', onclick: () => attempt(async () => {
          put(time, 'measuring this machine ...');
          const said = await post('start/time', {yaml: this.text.value});
          put(time, h('pre', {}, said.result || said.messages));
        })}, 'Estimate time')), time,
      answer.warnings.length ? h('div', {class: 'warnings'}, h('ul', {}, answer.warnings.map(line => h('li', {}, line)))) : null,
      answer.memory.length ? h('pre', {}, answer.memory.join('\n')) : null,
      h('details', {}, h('summary', {}, 'Effective configuration'), h('pre', {}, answer.table.join('\n'))));
  }

  async run(how) {
    const answer = await attempt(() => post('start/run', {yaml: this.text.value, how}));
    if (answer) {
      this.watched = answer.run;
      tell(`${answer.run} is starting.`);
    }
  }

  /** Whether the run that was started here has begun, or says why not. */
  async look() {
    if (!this.watched) {
      return;
    }
    const runs = await attempt(() => get('runs'));
    const started = (await attempt(() => get('start/started')))?.started.find(one => one.run === this.watched);
    const run = runs?.runs.find(one => one.run === this.watched && one.state === 'running');
    if (run) {
      location.hash = '#/runs?' + new URLSearchParams({run: run.run});
    } else if (started && !started.alive) {
      const name = this.watched;
      this.watched = '';
      if (started.code === 0) {
        location.hash = '#/runs?' + new URLSearchParams({run: name});
      } else {
        tell(`${name} ended with code ${started.code}: ${started.output.trim().split('\n').slice(-3).join(' ')}`, true);
      }
    }
  }

  close() {
    clearInterval(this.timer);
  }
}

const MAIN = ['model', 'dataset', 'eval_dataset', 'reward_model', 'learning_rate', 'batch_size', 'max_steps', 'num_train_epochs', 'beta', 'kl_coef'];

function enumOf(schema) {
  const all = [schema, ...schema.anyOf ?? []];
  const found = all.find(one => one.enum);
  return found ? found.enum.map(String) : all.some(one => one.type === 'boolean') ? ['true', 'false'] : null;
}
