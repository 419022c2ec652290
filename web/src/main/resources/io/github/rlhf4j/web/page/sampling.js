// Controls of sampling and choices of models, for Chat and Rank.

import {get} from './api.js';
import {field, h, put} from './dom.js';

const CONTROLS = [
  ['max_new_tokens', 'most new tokens', 128, 1, 1], ['temperature', 'temperature', 1, 0.01, 0.05], ['top_p', 'top p', 1, 0.01, 0.01], ['top_k', 'top k (0: all)', 0, 0, 1],
  ['min_p', 'min p', 0, 0, 0.01], ['repetition_penalty', 'repetition penalty', 1, 0.01, 0.05], ['seed', 'seed', 0, 0, 1],
];

/** The fields of sampling; value() has what they say. */
export class SamplingFields {
  constructor(values) {
    this.inputs = CONTROLS.map(([name, label, usual, least, step]) => [name, label,
      h('input', {type: 'number', min: String(least), step: step < 1 ? 'any' : '1', value: String(values?.[name] ?? usual), inputmode: 'decimal'})]);
    this.greedy = h('input', {type: 'checkbox', checked: Boolean(values?.greedy)});
    this.stop = h('input', {type: 'text', value: (values?.stop ?? [])[0] ?? ''});
    this.element = h('div', {class: 'controls'}, this.inputs.map(([, label, input]) => field(label, input)), field('stop text', this.stop),
      h('label', {class: 'check'}, this.greedy, 'greedy'));
  }

  value() {
    const value = Object.fromEntries(this.inputs.map(([name, , input]) => [name, input.value]));
    return {...value, greedy: this.greedy.checked, stop: this.stop.value ? [this.stop.value] : []};
  }

  seed(number) {
    this.inputs.find(([name]) => name === 'seed')[2].value = String(number);
  }
}

let lists = 0;

/** A model and perhaps an adapter, chosen from what was found or typed. */
export class ModelFields {
  constructor(label, found, value) {
    const id = 'models-' + ++lists;
    this.model = h('input', {type: 'text', list: id, size: '36', autocomplete: 'off', spellcheck: 'false', value: value?.model ?? ''});
    this.adapter = h('input', {type: 'text', list: id + '-a', size: '20', autocomplete: 'off', spellcheck: 'false', value: value?.adapter ?? ''});
    this.element = h('div', {class: 'controls'}, field(label + ': folder', this.model), field('adapter (or none)', this.adapter),
      h('datalist', {id}, found.models.map(one => h('option', {value: one.path}, one.name))),
      h('datalist', {id: id + '-a'}, found.adapters.map(one => h('option', {value: one.path}, one.name))));
  }

  value() {
    return this.model.value.trim() ? {model: this.model.value.trim(), adapter: this.adapter.value.trim()} : undefined;
  }
}

/** What models there are. */
export function models() {
  return get('chat/models');
}

/** The choice of the first of them, if any. */
export function firstOf(found) {
  return found.models.length ? {model: found.models[0].path} : undefined;
}

/** Loaded models, with a button that gives them back. */
export function loaded(place, list, giveBack) {
  put(place, list.length ? ['Loaded: ', list.map(one => `${one.model}${one.adapter ? ' + ' + one.adapter : ''} (${(one.bytes / 1e9).toFixed(2)} GB)`).join(', '), ' ',
    h('button', {type: 'button', onclick: giveBack}, 'Give the memory back')] : 'No model is loaded; the first answer loads one.');
}
