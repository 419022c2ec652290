// Inspect: the command inspect.

import {attempt, get} from '../api.js';
import {field, h, put} from '../dom.js';

export async function show(place, parameters) {
  const input = (name, attributes) => h('input', {type: 'text', value: parameters.get(name) ?? '', ...attributes});
  const inputs = {
    what: input('what', {size: 40, placeholder: 'a model\'s folder, a run, data.jsonl, synthetic:rankings'}),
    model: input('model', {size: 28, placeholder: 'of a dataset: count tokens as this model'}),
    adapter: input('adapter', {size: 24}), limit: input('limit', {size: 8, inputmode: 'numeric'}),
  };
  const labels = {what: 'Model, run or data', model: 'Tokens of', adapter: 'Adapter', limit: 'Rows at most'};
  const result = h('div', {'aria-live': 'polite'});
  const load = async () => {
    const wish = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one.value.trim()]).filter(([, value]) => value));
    history.replaceState(null, '', '#/inspect?' + new URLSearchParams(wish));
    put(result, h('p', {class: 'note'}, 'Reading ...'));
    const answer = await attempt(() => get('inspect', wish));
    put(result, answer ? [answer.result ? h('section', {}, h('pre', {tabindex: '0'}, answer.result)) : null, answer.messages ? h('p', {class: answer.code ? 'problem' : 'note'}, answer.messages) : null] : []);
  };
  put(place, h('p', {class: 'note'}, 'What a model\'s folder, a run or a dataset holds. As ./rlhf4j inspect.'),
    h('form', {class: 'controls', onsubmit: event => {
      event.preventDefault();
      load();
    }}, Object.entries(inputs).map(([name, control]) => field(labels[name], control)), h('button', {type: 'submit', class: 'main'}, 'Inspect')), result);
  if (parameters.get('what')) {
    await load();
  }
}
