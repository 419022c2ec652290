// An answer's tokens with their probabilities; what else was likely at the token under the pointer or the focus.

import {h, put} from './dom.js';
import {visible} from './text.js';

function share(logProb) {
  const p = Math.exp(logProb);
  return p >= 0.001 ? (100 * p).toFixed(1) + ' %' : p.toExponential(1);
}

function spelled(text) {
  return text.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '·') || '(part of a character)';
}

function shade(logProb) {
  const p = Math.exp(logProb);
  return p >= 0.5 ? '' : p >= 0.2 ? 'p1' : p >= 0.05 ? 'p2' : 'p3';
}

/** The tokens as text that can be looked into: arrow keys go from one to the next. */
export function tokens(list) {
  const panel = h('div', {class: 'alternatives', role: 'status', 'aria-live': 'polite'}, 'Point at a token, or move with the arrow keys: its probability and what else was likely.');
  const spans = list.map((token, i) => h('span', {class: 'token ' + shade(token.log_prob), tabindex: i === 0 ? '0' : '-1', onmouseenter: () => look(i), onfocus: () => look(i)},
    token.special ? h('span', {class: 'control'}, '‹' + token.special + '›') : visible(token.text)));
  function look(i) {
    const token = list[i];
    put(panel, h('b', {dir: 'auto'}, visible(spelled(token.special ?? token.text))), ' ' + share(token.log_prob) + ' (log-prob ' + token.log_prob.toFixed(3) + ')',
      h('table', {}, h('caption', {class: 'unseen'}, 'The most likely tokens here'), h('tbody', {}, (token.top ?? []).map(one => h('tr', {},
        h('th', {scope: 'row', dir: 'auto'}, visible(spelled(one.text)), one.id === token.id ? ' ✓' : ''), h('td', {}, share(one.log_prob)))))));
  }
  const box = h('div', {class: 'written tokens', role: 'group', 'aria-label': 'Tokens of the answer', dir: 'auto', onkeydown: event => {
    const at = spans.indexOf(document.activeElement);
    const to = event.key === 'ArrowRight' ? at + 1 : event.key === 'ArrowLeft' ? at - 1 : event.key === 'Home' ? 0 : event.key === 'End' ? spans.length - 1 : -1;
    if (at >= 0 && spans[to]) {
      event.preventDefault();
      spans[at].tabIndex = -1;
      spans[to].tabIndex = 0;
      spans[to].focus();
    }
  }}, spans);
  return h('div', {}, box, panel);
}
