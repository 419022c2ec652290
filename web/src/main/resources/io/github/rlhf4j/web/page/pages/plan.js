// Plan: the command plan.

import {attempt, get} from '../api.js';
import {field, h, put, select} from '../dom.js';

export async function show(place, parameters) {
  const models = (await get('plan/models')).result.split('\n').map(line => line.trim().split(/\s+/)[0]).filter(Boolean);
  const input = (name, attributes) => h('input', {type: 'text', value: parameters.get(name) ?? '', ...attributes});
  const inputs = {
    what: input('what', {size: 28, list: 'models', placeholder: 'llama-2-7b, 3B, a folder, run.yaml'}),
    values: input('values', {size: 24, placeholder: 'num_hidden_layers=16 ...'}),
    tokens: input('tokens', {size: 7, placeholder: '2T'}), length: input('length', {size: 6}), 'batch-size': input('batch-size', {size: 5}),
    precision: select([['', 'mixed'], 'float32', 'bfloat16'], parameters.get('precision') ?? '', () => {}),
    optimizer: select([['', 'adamw'], 'adamw_8bit', 'sgd'], parameters.get('optimizer') ?? '', () => {}),
    'adapter-r': input('adapter-r', {size: 5, placeholder: 'none'}),
    hardware: select([['', 'none'], ['here', 'this machine'], 'v100', 't4', 'a100', 'h100', 'h200', 'l40s', 'rtx4090', 'mi300x', 'tpu-v4'], parameters.get('hardware') ?? '', () => {}),
    devices: input('devices', {size: 5}),
  };
  const labels = {what: 'Model or run file', values: 'Changed values', tokens: 'Tokens', length: 'Length', 'batch-size': 'Batch size', precision: 'Precision', optimizer: 'Optimizer', 'adapter-r': 'Adapter rank', hardware: 'Hardware', devices: 'Devices'};
  const result = h('div', {'aria-live': 'polite'});
  const load = async () => {
    const wish = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one.value.trim()]).filter(([, value]) => value));
    history.replaceState(null, '', '#/plan?' + new URLSearchParams(wish));
    put(result, h('p', {class: 'note'}, wish.hardware === 'here' ? 'Measuring this machine ...' : 'Counting ...'));
    const answer = await attempt(() => get('plan', wish));
    put(result, answer ? [answer.result ? h('section', {}, h('pre', {tabindex: '0'}, answer.result)) : null, answer.messages ? h('p', {class: answer.code ? 'problem' : 'note'}, answer.messages) : null] : []);
  };
  put(place, h('p', {class: 'note'}, 'What a model takes, before there is one: parameters, arithmetic, memory, tokens, time, energy. As ./rlhf4j plan.'),
    h('form', {class: 'controls', onsubmit: event => {
      event.preventDefault();
      load();
    }}, h('datalist', {id: 'models'}, models.map(model => h('option', {value: model}))), Object.entries(inputs).map(([name, control]) => field(labels[name], control)), h('button', {type: 'submit', class: 'main'}, 'Plan')), result);
  if (parameters.get('what')) {
    await load();
  }
}
