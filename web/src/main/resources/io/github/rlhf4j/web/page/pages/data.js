// Data: the rows of a dataset, searched and sorted; with a model's folder their tokens, coloured by trained or not.

import {attempt, get} from '../api.js';
import {field, h, number, pager, put, select} from '../dom.js';

const COUNT = 20;
const PARTS = ['pretrain', 'demonstrations', 'preferences', 'rankings', 'rankings_eval', 'prompts', 'eval_prompts', 'arithmetic', 'arithmetic_demonstrations'];

export async function show(place, parameters) {
  const page = new Data(place, parameters);
  if (parameters.get('dataset')) {
    await page.load();
  }
}

class Data {
  constructor(place, parameters) {
    this.from = 0;
    const value = name => parameters.get(name) ?? '';
    this.inputs = {
      dataset: h('input', {type: 'text', value: value('dataset'), size: 34, list: 'parts', placeholder: 'data.jsonl or synthetic:demonstrations'}),
      model: h('input', {type: 'text', value: value('model'), size: 26, placeholder: 'folder of a model or tokenizer'}),
      text: h('input', {type: 'search', value: value('text')}),
      least: h('input', {type: 'number', min: 0, value: value('least')}),
      most: h('input', {type: 'number', min: 0, value: value('most')}),
      order: select([['', 'order of the file'], ['-length', 'longest first'], ['length', 'shortest first']], value('order'), () => {}),
    };
    this.assistant = h('input', {type: 'checkbox', checked: value('assistant_only_loss') === 'true'});
    this.list = h('div', {'aria-live': 'polite'});
    put(place, h('form', {class: 'controls', onsubmit: event => {
      event.preventDefault();
      this.turn(0);
    }}, h('datalist', {id: 'parts'}, PARTS.map(part => h('option', {value: 'synthetic:' + part}))),
    field('Dataset', this.inputs.dataset), field('Tokens of', this.inputs.model), h('label', {class: 'check'}, this.assistant, 'assistant_only_loss'),
    field('Contains', this.inputs.text), field('Characters from', this.inputs.least), field('to', this.inputs.most), field('Order', this.inputs.order),
    h('button', {type: 'submit', class: 'main'}, 'Show')), this.list);
  }

  /** Shows rows from that one on. */
  turn(from) {
    this.from = from;
    return this.load();
  }

  async load() {
    const wish = Object.fromEntries(Object.entries(this.inputs).map(([name, input]) => [name, input.value.trim()]));
    wish.assistant_only_loss = this.assistant.checked || undefined;
    history.replaceState(null, '', '#/data?' + new URLSearchParams(Object.entries(wish).filter(([, value]) => value)));
    put(this.list, h('p', {class: 'note'}, 'Reading ...'));
    const answer = await attempt(() => get('data', {...wish, from: this.from, count: COUNT}));
    if (!answer) {
      put(this.list);
      return;
    }
    put(this.list, h('p', {class: 'note'}, `${answer.kind}: ${number(answer.found)} of ${number(answer.total)} rows`, answer.dropped ? `, ${number(answer.dropped)} left out as unusable` : '', answer.searched && answer.searched < answer.total ? `; ${number(answer.searched)} were looked into` : '', answer.note ? `. ${answer.note}` : ''),
      pager(this.from, COUNT, answer.found, `from ${number(this.from + 1)}`, to => this.turn(to)),
      answer.rows.map(row => card(row)));
  }
}

function card(row) {
  return h('article', {class: 'card'}, h('header', {}, h('small', {}, `row ${row.row} · ${number(row.characters)} characters`)),
    row.sequences ? row.sequences.map((sequence, i) => h('div', {class: 'cell'},
      h('small', {}, `${row.sequences.length > 1 ? `sequence ${i + 1}: ` : ''}${sequence.length} tokens, ${sequence.trained} of them trained`), tokens(sequence))) : record(row.record));
}

/** Runs of trained and untrained tokens; each token tells its number. */
function tokens(sequence) {
  return h('div', {class: 'tokens', tabindex: '0'}, sequence.tokens.map(token => h('span', {class: token.trained ? 'trained' : null, title: `token ${token.id}, ${token.trained ? 'trained' : 'not trained'}`}, token.text)),
    sequence.tokens.length < sequence.length ? ' ...' : null);
}

function record(value) {
  return h('div', {class: 'cells'}, Object.entries(value).map(([key, one]) => h('div', {class: 'cell'}, h('small', {}, key), h('p', {class: 'text', tabindex: '0'}, text(one)))));
}

function text(value) {
  if (Array.isArray(value) && value.every(one => one && typeof one === 'object' && 'content' in one)) {
    return value.map(message => `${message.role}: ${typeof message.content === 'string' ? message.content : JSON.stringify(message.content)}`).join('\n');
  }
  if (Array.isArray(value)) {
    return value.map(one => typeof one === 'string' ? '• ' + one : JSON.stringify(one)).join('\n');
  }
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}
