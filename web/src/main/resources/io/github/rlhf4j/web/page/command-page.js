// A page of one command: a form of its options, below it what the command prints.

import {attempt, get} from './api.js';
import {field, h, put, select} from './dom.js';

/**
 * Shows it; one whose address has the option what is answered at once.
 * @param page {command, note, button, fields, waiting(wish), more}: fields {option: [label, attributes of a text or a list of choices]}, more what else the form needs
 */
export async function commandPage(place, parameters, {command, note, button, fields, waiting, more}) {
  const inputs = Object.entries(fields).map(([name, [label, kind]]) => {
    const value = parameters.get(name) ?? '';
    return [name, label, Array.isArray(kind) ? select(kind, value, () => {}) : h('input', {type: 'text', value, ...kind})];
  });
  const result = h('div', {'aria-live': 'polite'});
  const load = async () => {
    const wish = Object.fromEntries(inputs.map(([name, , input]) => [name, input.value.trim()]).filter(([, value]) => value));
    history.replaceState(null, '', `#/${command}?` + new URLSearchParams(wish));
    put(result, h('p', {class: 'note'}, waiting(wish)));
    const answer = await attempt(() => get(command, wish));
    put(result, answer ? [answer.result ? h('section', {}, h('pre', {tabindex: '0'}, answer.result)) : null, answer.messages ? h('p', {class: answer.code ? 'problem' : 'note'}, answer.messages) : null] : []);
  };
  put(place, h('p', {class: 'note'}, note, ` As ./rlhf4j ${command}.`),
    h('form', {class: 'controls', onsubmit: event => {
      event.preventDefault();
      load();
    }}, more, inputs.map(([, label, input]) => field(label, input)), h('button', {type: 'submit', class: 'main'}, button)), result);
  if (parameters.get('what')) {
    await load();
  }
}
