// Texts that models and other people wrote, as text: what a browser would obey (controls, characters that turn the direction of writing) is shown by its number.

import {h} from './dom.js';

const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Nodes of a text. */
export function visible(text) {
  const nodes = [];
  let from = 0;
  for (const match of String(text).matchAll(OBEYED)) {
    if (match.index > from) {
      nodes.push(text.slice(from, match.index));
    }
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    nodes.push(h('span', {class: 'control', title: 'U+' + code}, '‹' + code + '›'));
    from = match.index + match[0].length;
  }
  nodes.push(String(text).slice(from));
  return nodes;
}

/** A text in an element of its own, which the direction of its letters does not leave. */
export function written(text, attributes) {
  return h('div', {dir: 'auto', ...attributes, class: 'written ' + (attributes?.class ?? '')}, visible(text));
}

/** A prompt: a text, or messages. */
export function prompt(content) {
  if (!Array.isArray(content)) {
    return written(content, {class: 'prompt'});
  }
  return h('div', {class: 'prompt'}, content.map(message =>
    h('div', {class: 'said'}, h('span', {class: 'role'}, message.role), written(message.content))));
}
