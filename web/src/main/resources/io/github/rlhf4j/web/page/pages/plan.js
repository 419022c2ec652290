// Plan: the command plan.

import {get} from '../api.js';
import {commandPage} from '../command-page.js';
import {h} from '../dom.js';

export async function show(place, parameters) {
  const models = (await get('plan/models')).result.split('\n').map(line => line.trim().split(/\s+/)[0]).filter(Boolean);
  await commandPage(place, parameters, {
    command: 'plan', note: 'What a model takes, before there is one: parameters, arithmetic, memory, tokens, time, energy.', button: 'Plan',
    waiting: wish => wish.hardware === 'here' ? 'Measuring this machine ...' : 'Counting ...', more: h('datalist', {id: 'models'}, models.map(model => h('option', {value: model}))),
    fields: {
      what: ['Model or run file', {size: 28, list: 'models', placeholder: 'llama-2-7b, 3B, a folder, run.yaml'}],
      values: ['Changed values', {size: 24, placeholder: 'num_hidden_layers=16 ...'}],
      tokens: ['Tokens', {size: 7, placeholder: '2T'}], length: ['Length', {size: 6}], 'batch-size': ['Batch size', {size: 5}],
      precision: ['Precision', [['', 'mixed'], 'float32', 'bfloat16']],
      optimizer: ['Optimizer', [['', 'adamw'], 'adamw_8bit', 'sgd']],
      'adapter-r': ['Adapter rank', {size: 5, placeholder: 'none'}],
      hardware: ['Hardware', [['', 'none'], ['here', 'this machine'], 'v100', 't4', 'a100', 'h100', 'h200', 'l40s', 'rtx4090', 'mi300x', 'tpu-v4']],
      devices: ['Devices', {size: 5}],
    },
  });
}
