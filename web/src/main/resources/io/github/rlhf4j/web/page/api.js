// What the server answers. A parameter of several values has a line for each.

import {h} from './dom.js';

function address(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)) {
      query.set(name, Array.isArray(value) ? value.join('\n') : String(value));
    }
  }
  const text = query.toString();
  return '/api/' + path + (text ? '?' + text : '');
}

async function answer(response) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  if (!response.ok) {
    const said = body?.error ?? text;
    throw new Error(response.status === 401 || response.status === 403
      ? 'this page may not ask any more: open the address that ./rlhf4j ui printed' : said || 'the server answered ' + response.status);
  }
  return body;
}

/** Asks. */
export async function get(path, parameters, signal) {
  return answer(await reached(fetch(address(path, parameters), {signal})));
}

/** Has something done. */
export async function post(path, body) {
  return answer(await reached(fetch(address(path), {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body ?? {})})));
}

async function reached(request) {
  try {
    return await request;
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new Error('the server does not answer: is ./rlhf4j ui still running?');
  }
}

/** Listens to events until the function that it returns is called; handlers by the names of events. */
export function listen(path, parameters, handlers) {
  const source = new EventSource(address(path, parameters));
  for (const [name, handler] of Object.entries(handlers)) {
    if (name !== 'open' && name !== 'error') {
      source.addEventListener(name, event => handler(JSON.parse(event.data)));
    }
  }
  source.onopen = () => handlers.open?.();
  source.onerror = () => handlers.error?.();
  return () => source.close();
}

/** Tells something at the edge of the page; mistakes stay until they are closed. */
export function tell(text, isMistake) {
  const place = document.getElementById('notices');
  const notice = h('div', {class: isMistake ? 'notice mistake' : 'notice'}, h('span', {}, text),
    h('button', {type: 'button', 'aria-label': 'Close this message', onclick: () => notice.remove()}, '×'));
  place.append(notice);
  if (!isMistake) {
    setTimeout(() => notice.remove(), 6000);
  }
}

/** Does something and tells what goes wrong. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (error.name !== 'AbortError') {
      tell(error.message, true);
    }
    return undefined;
  }
}
