// The form that begins new rankings.

import {attempt, post} from './api.js';
import {field, h, put, select} from './dom.js';
import {ModelFields, SamplingFields, firstOf, models} from './sampling.js';

const KINDS = [['rank', 'rank K answers'], ['pair', 'choose the better of two'], ['demonstrate', 'write or correct an answer']];

export class NewRankings {
  constructor(made) {
    this.made = made;
    this.mode = 'rank';
    this.from = 'models';
    this.uploaded = undefined;
    this.name = h('input', {type: 'text', required: true, pattern: '[A-Za-z0-9][A-Za-z0-9_.\\-]*', maxlength: '60', placeholder: 'first'});
    this.dataset = h('input', {type: 'text', size: '40', placeholder: 'a file, or synthetic:prompts', autocomplete: 'off'});
    this.text = h('textarea', {rows: '4', placeholder: 'one prompt a line'});
    this.file = h('input', {type: 'file', accept: '.jsonl,.json,.csv,.tsv,.txt', onchange: () => attempt(async () => {
      const file = this.file.files[0];
      this.uploaded = file ? {file_name: file.name, text: await file.text()} : undefined;
    })});
    this.limit = h('input', {type: 'number', min: '1', value: '40'});
    this.samples = h('input', {type: 'number', min: '1', max: '9', value: '4'});
    this.chat = h('input', {type: 'checkbox'});
    this.repeats = h('input', {type: 'number', min: '0', max: '1', step: 'any', value: '0.1'});
    this.people = h('input', {type: 'number', min: '0', value: '0'});
    this.sampling = new SamplingFields();
    this.models = [];
    this.choices = h('div');
    this.parts = h('div');
    this.element = h('form', {onsubmit: event => {
      event.preventDefault();
      attempt(() => this.make());
    }}, h('div', {class: 'controls'}, field('Name', this.name), field('People', select(KINDS, this.mode, value => {
      this.mode = value;
      this.samples.value = value === 'rank' ? '4' : value === 'pair' ? (this.models.length > 1 ? '1' : '2') : '1';
      this.repeats.value = value === 'demonstrate' ? '0' : '0.1';
      this.draw();
    })), field('Answers', select([['models', 'models write them now'], ['file', 'a file has them already'], ['none', 'there are none (demonstrations)']], this.from, value => {
      this.from = value;
      this.draw();
    }))), this.parts);
  }

  async start() {
    this.found = await models();
    this.models = [new ModelFields('Model 1', this.found, firstOf(this.found))];
    this.draw();
  }

  draw() {
    const hasModels = this.from === 'models';
    put(this.choices, this.models.map(one => one.element), h('button', {type: 'button', onclick: () => {
      this.models.push(new ModelFields('Model ' + (this.models.length + 1), this.found));
      this.draw();
    }}, 'One more model'));
    put(this.parts, h('fieldset', {}, h('legend', {}, this.from === 'file' ? 'A file with prompts and answers' : 'Prompts'),
      h('div', {class: 'controls'}, field(this.from === 'file' ? 'File on this machine' : 'Dataset', this.dataset), field('or upload a file', this.file), field('at most', this.limit)),
      this.from === 'file' ? null : [field('or type them', this.text), h('label', {class: 'check'}, this.chat, 'put them into the model’s chat template')]),
      hasModels ? h('fieldset', {}, h('legend', {}, 'Models'), this.choices, h('div', {class: 'controls'}, field('Answers of each to a prompt', this.samples)), this.sampling.element) : null,
      h('fieldset', {}, h('legend', {}, 'People'), h('div', {class: 'controls'}, field('share shown twice', this.repeats), field('people for each item (0: all)', this.people))),
      h('p', {}, h('button', {type: 'submit', class: 'main'}, hasModels ? 'Sample answers and begin' : 'Begin')));
  }

  async make() {
    const body = {name: this.name.value.trim(), mode: this.mode, limit: Number(this.limit.value), repeats: Number(this.repeats.value), people_per_item: Number(this.people.value), chat: this.chat.checked, seed: 0};
    if (this.from === 'file') {
      Object.assign(body, this.uploaded ? {answers_text: this.uploaded.text, file_name: this.uploaded.file_name} : {answers: this.dataset.value});
    } else {
      Object.assign(body, this.uploaded ?? (this.text.value.trim() ? {text: this.text.value} : {dataset: this.dataset.value}));
    }
    if (this.from === 'models') {
      Object.assign(body, {models: this.models.map(one => one.value()).filter(Boolean), num_samples: Number(this.samples.value), settings: this.sampling.value()});
    }
    await post('rank/new', body);
    this.made(body.name);
  }
}
