// The shell: navigation, dark and light, one page at a time. An address is #/PAGE?PARAMETERS.

import {get, tell} from './api.js';
import {h, put} from './dom.js';
import {remembered} from './memory.js';

const main = document.getElementById('main');
const themes = document.getElementById('theme');
let pages = [];
let close = () => {};
let shown = '';
let turn = 0;

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function theme(name) {
  if (name) {
    document.documentElement.dataset.theme = name;
  }
  themes.textContent = dark() ? 'Light' : 'Dark';
  themes.setAttribute('aria-label', dark() ? 'Switch to light colours' : 'Switch to dark colours');
  document.dispatchEvent(new CustomEvent('theme'));
}

themes.addEventListener('click', () => theme(remembered('theme', dark() ? 'light' : 'dark')));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme());
theme(remembered('theme'));

document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});

/** The page of the address and its parameters. */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const name = pages.some(page => page.name === path) ? path : pages[0].name;
  return {name, parameters: new URLSearchParams(query ?? '')};
}

async function show() {
  const {name, parameters} = place();
  const own = ++turn;
  const isNew = name !== shown;
  close();
  close = () => {};
  shown = name;
  document.querySelectorAll('#pages a').forEach(link => {
    if (link.dataset.page === name) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  });
  const title = pages.find(page => page.name === name).title;
  document.title = title + ' - RLHF4J';
  const body = h('div', {class: 'page'});
  try {
    const module = await import(`/pages/${name}.js`);
    if (own !== turn) {
      return;
    }
    put(main, h('h1', {}, title), body);
    const end = await module.show(body, parameters);
    if (own !== turn) {
      end?.();
      return;
    }
    close = end ?? (() => {});
  } catch (error) {
    if (own !== turn) {
      return;
    }
    put(main, h('h1', {}, title), h('p', {class: 'note'}, 'This page could not be shown.'));
    tell(error.message, true);
  }
  if (isNew) {
    scrollTo(0, 0);
  }
}

try {
  pages = (await get('pages')).pages;
  put(document.getElementById('pages'), pages.map(page => h('a', {href: '#/' + page.name, 'data-page': page.name}, page.title)));
  addEventListener('hashchange', show);
  await show();
} catch (error) {
  put(main, h('h1', {}, 'RLHF4J'), h('p', {}, error.message));
}
