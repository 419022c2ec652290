// What people said: agreement, exports, and a run that trains on it.

import {attempt, get, post} from './api.js';
import {field, h, number, put, select, table} from './dom.js';
import {ModelFields, firstOf, models} from './sampling.js';

function percent(estimate) {
  if (!estimate) {
    return '';
  }
  const part = value => (100 * value).toFixed(0);
  return part(estimate.value) + ' %' + (estimate.low === undefined ? '' : ` [${part(estimate.low)}, ${part(estimate.high)}]`);
}

function plain(estimate) {
  return !estimate ? '' : estimate.value.toFixed(2) + (estimate.low === undefined ? '' : ` [${estimate.low.toFixed(2)}, ${estimate.high.toFixed(2)}]`);
}

function tile(name, value, note) {
  return h('div', {class: 'tile', title: note}, h('b', {}, value || '–'), h('span', {}, name));
}

export async function results(place, project) {
  const name = project.name;
  const [report, found] = await Promise.all([get('rank/report', {name}), models()]);
  const downloads = h('div', {class: 'controls'}, ['rankings', 'pairs', 'demonstrations', 'prompts'].map(kind =>
    h('button', {type: 'button', onclick: () => attempt(() => download(name, kind))}, kind)));
  put(place,
    h('section', {}, h('h2', {}, 'Agreement'), h('div', {class: 'tiles'},
      tile('items ranked', number(report.ranked)), tile('by two or more people', number(report.shared)),
      tile('Krippendorff’s alpha', plain(report.alpha), 'ordinal, of the ranks: 1 is perfect agreement, 0 that of chance'),
      tile('pairs ordered alike', percent(report.pairwise), 'of pairs where two people both prefer one answer; chance is 50 %'),
      tile('ties counted', percent(report.pairwise_with_ties), 'of all pairs; a tie agrees with a tie alone'),
      tile('the one shown first wins', percent(report.first_shown), '50 % where the place does not matter'),
      tile('the longer one wins', percent(report.longer))),
      h('p', {class: 'note'}, 'Agreement needs two people, or items shown twice. Intervals of 95 %, by the bootstrap over items. People agree with each other on about 73 % of pairs in InstructGPT’s data.'),
      report.people.length ? table('People', ['person', 'answered', 'skipped', 'shown twice', 'agrees with others', 'with self', 'ties', 'seconds an item'], report.people.map(one =>
        [one.name, number(one.answered), number(one.skipped), number(one.repeats), percent(one.with_others), percent(one.with_self), percent(one.ties), number(one.seconds_per_item)])) : null,
      report.sources.length > 1 ? [h('h3', {}, 'Whose answers win'), table('Sources', ['source', 'pairs won against others', 'pairs'], report.sources.map(one =>
        [one.name, percent(one.wins), number(one.wins.count)]))] : null),
    h('section', {}, h('h2', {}, 'Export'), h('p', {class: 'note'}, 'Rankings are read by reward and dpo, pairs by dpo, demonstrations by sft, prompts by every stage that samples.'), downloads),
    train(project, found));
}

async function download(name, kind) {
  const rows = await get('rank/rows', {name, kind});
  if (rows.rows === 0) {
    throw new Error('there are no ' + kind + ' yet');
  }
  const address = URL.createObjectURL(new Blob([rows.text], {type: 'application/jsonl'}));
  h('a', {href: address, download: rows.file}).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function train(project, found) {
  const first = project.source.models?.[0] ?? firstOf(found);
  const model = new ModelFields('Model to train', found, first);
  let recipe = project.mode === 'demonstrate' ? 'sft' : 'reward';
  const file = h('textarea', {rows: '22', spellcheck: 'false'});
  const started = h('p', {role: 'status'});
  const start = h('div', {hidden: true}, field('Run file', file), h('p', {}, h('button', {type: 'button', class: 'main', onclick: () => attempt(async () => {
    const run = await post('rank/train', {run_file: file.value});
    put(started, 'Started: ', h('a', {href: '#/runs?' + new URLSearchParams({run: run.run ?? ''})}, run.run ?? 'see Runs'));
  })}, 'Start')), started);
  return h('section', {}, h('h2', {}, 'Train on these'), model.element,
    h('div', {class: 'controls'}, field('What', select([['reward', 'a reward model, then the best of 8 answers by it'], ['dpo', 'DPO on the pairs'], ['sft', 'SFT on the demonstrations']], recipe, value => {
      recipe = value;
    })), h('button', {type: 'button', onclick: () => attempt(async () => {
      file.value = (await post('rank/training-file', {name: project.name, recipe, ...model.value()})).run_file;
      start.hidden = false;
      file.focus();
    })}, 'Make the run file')), start);
}
