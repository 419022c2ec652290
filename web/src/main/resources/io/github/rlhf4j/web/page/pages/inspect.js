// Inspect: the command inspect.

import {commandPage} from '../command-page.js';

export async function show(place, parameters) {
  await commandPage(place, parameters, {
    command: 'inspect', note: 'What a model\'s folder, a run or a dataset holds.', button: 'Inspect', waiting: () => 'Reading ...',
    fields: {
      what: ['Model, run or data', {size: 40, placeholder: 'a model\'s folder, a run, data.jsonl, synthetic:rankings'}],
      model: ['Tokens of', {size: 28, placeholder: 'of a dataset: count tokens as this model'}],
      adapter: ['Adapter', {size: 24}], limit: ['Rows at most', {size: 8, inputmode: 'numeric'}],
    },
  });
}
