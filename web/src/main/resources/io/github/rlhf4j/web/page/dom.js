// Elements. Whatever comes from data is inserted as text: nothing here reads HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (typeof value === 'function') {
      element.addEventListener(name.replace(/^on/, ''), value);
    } else if (name === 'value' || name === 'checked' || name === 'selected') {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
  return element;
}

/** Adds texts and elements; lists are taken apart, nothings left out. */
export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) {
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
}

/** An element: h('button', {type: 'button', onclick: save}, 'Save'). */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of a picture. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replaces what is in an element. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

let ids = 0;

/** A label with its control. */
export function field(label, control, ...more) {
  control.id ||= 'field-' + ++ids;
  return h('div', {class: 'field'}, h('label', {for: control.id}, label), control, ...more);
}

/** A choice: options are [value, text] or texts. */
export function select(options, value, onchange, attributes) {
  return h('select', {...attributes, onchange: event => onchange(event.target.value)},
    options.map(option => {
      const [key, text] = Array.isArray(option) ? option : [option, option];
      return h('option', {value: key, selected: key === value}, text);
    }));
}

/** A table: heads are texts, rows lists of texts or elements. */
export function table(caption, heads, rows, attributes) {
  return h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    h('table', attributes,
      h('caption', {class: 'unseen'}, caption),
      h('thead', {}, h('tr', {}, heads.map(head => h('th', {scope: 'col'}, head)))),
      h('tbody', {}, rows.map(row => h('tr', {}, row.map((cell, i) => i === 0 ? h('th', {scope: 'row'}, cell) : h('td', {}, cell)))))));
}

/** Buttons that turn the pages of a list; nothing where it has one. go is told where the next page begins. */
export function pager(from, count, found, where, go) {
  const turn = (to, text) => h('button', {type: 'button', disabled: to < 0 || to >= found, onclick: () => go(to)}, text);
  return found > count ? h('div', {class: 'controls'}, turn(from - count, 'Previous'), h('span', {class: 'check'}, where), turn(from + count, 'Next')) : null;
}

/** A number for reading: four significant digits. */
export function number(value) {
  if (value === null || value === undefined || value === '') {
    return '';
  }
  const x = Number(value);
  if (!Number.isFinite(x)) {
    return String(value);
  }
  if (Number.isInteger(x) && Math.abs(x) < 1e15) {
    return x.toLocaleString('en-US');
  }
  const size = Math.abs(x);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? x.toExponential(2) : String(Number(x.toPrecision(4)));
}

/** Seconds for reading. */
export function duration(seconds) {
  if (seconds < 90) {
    return Math.round(seconds) + ' s';
  }
  if (seconds < 5400) {
    return Math.round(seconds / 60) + ' min';
  }
  return (seconds / 3600).toFixed(1) + ' h';
}

/** How long ago, of a time in milliseconds. */
export function ago(millis) {
  const seconds = (Date.now() - millis) / 1000;
  if (seconds < 5) {
    return 'now';
  }
  if (seconds < 86400) {
    return duration(seconds) + ' ago';
  }
  return new Date(millis).toISOString().slice(0, 10);
}

/** Calls it once, a while after the last of many calls. */
export function later(millis, action) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), millis);
  };
}
