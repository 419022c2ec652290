// One run: its stages, buttons, warnings, configuration, log.

import {h, number, put, table} from './dom.js';

const LOG_LINES = 2000;

/** A run's or a stage's state. */
export function state(name) {
  return h('span', {class: 'state ' + name}, name === 'unfinished' ? 'not finished' : name);
}

/**
 * @param open which parts a person has opened
 * @param ask(what, run) for stop and checkpoint
 */
export function details(run, open, ask) {
  const isRunning = run.state === 'running';
  const lines = run.log ? run.log.trimEnd().split('\n') : [];
  const log = h('pre', {class: 'log', tabindex: '0', role: 'log', 'aria-label': 'Log of ' + run.run}, lines.join('\n'));
  const warnings = run.stages.flatMap(stage => stage.messages.filter(message => message.level === 'warning' || message.passed === false).map(message => `${stage.name}: ${message.message}`));
  const notes = run.stages.flatMap(stage => stage.messages.filter(message => message.level !== 'warning' && message.passed !== false).map(message => `${stage.name}: ${message.message}`));
  const part = (name, title, ...content) => h('details', {'data-part': name, open: open?.includes(name)}, h('summary', {}, title), content);
  const button = (what, text) => h('button', {type: 'button', disabled: !isRunning, onclick: () => ask(what, run.run)}, text);
  const element = h('section', {},
    h('h2', {}, run.run, ' ', state(run.state), run.message ? h('small', {}, run.message) : null),
    h('div', {class: 'controls'}, button('stop', 'Stop'), button('checkpoint', 'Checkpoint now'), h('small', {}, run.folder)),
    warnings.length ? h('div', {class: 'warnings'}, h('strong', {}, 'Warnings'), h('ul', {}, [...new Set(warnings)].map(line => h('li', {}, line)))) : null,
    table('Stages', ['stage', 'type', 'state', 'steps', 'seconds', 'results', ''], run.stages.map(stage => [
      stage.name, stage.type, state(stage.state), stage.steps ? `${number(stage.step)}/${number(stage.steps)}` : number(stage.step || ''), number(stage.summary?.seconds && Math.round(stage.summary.seconds)),
      results(stage), stage.samples ? h('a', {href: '#/rollouts?' + new URLSearchParams({run: run.run, stage: stage.name})}, 'samples') : ''])),
    part('log', 'Log', log),
    part('notes', `Notes and self-checks (${notes.length})`, h('ul', {}, notes.map(line => h('li', {}, line)))),
    run.stages.filter(stage => Object.keys(stage.config).length).map(stage =>
      part('config-' + stage.name, `Configuration of ${stage.name}`, table('Configuration of ' + stage.name, ['key', 'value'], Object.entries(stage.config)))));
  queueMicrotask(() => {
    log.scrollTop = log.scrollHeight;
  });
  return {
    element,
    opened: () => [...element.querySelectorAll('details[open]')].map(one => one.dataset.part),
    log: event => {
      if (event.run === run.run) {
        const atEnd = log.scrollTop + log.clientHeight > log.scrollHeight - 30;
        lines.push(...event.lines);
        lines.splice(0, Math.max(0, lines.length - LOG_LINES));
        put(log, lines.join('\n'));
        if (atEnd) {
          log.scrollTop = log.scrollHeight;
        }
      }
    },
  };
}

const RESULTS = ['eval_loss', 'loss', 'eval_accuracy', 'eval_rewards/accuracies', 'rewards/accuracies', 'objective/scores', 'reward', 'objective/kl', 'kl'];

function results(stage) {
  return RESULTS.filter(metric => stage.last[metric] !== undefined).slice(0, 4).map(metric => `${metric} ${number(stage.last[metric])}`).join(', ');
}
