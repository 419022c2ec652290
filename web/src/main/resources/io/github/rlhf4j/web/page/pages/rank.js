// Rank: people put answers in order, see how much they agree, and train on what they said.

import {attempt, get, post, tell} from '../api.js';
import {field, h, number, put, select, table} from '../dom.js';
import {remembered} from '../memory.js';
import {NewRankings} from '../rank-new.js';
import {results} from '../rank-results.js';
import {prompt, written} from '../text.js';

export async function show(place, parameters) {
  const name = parameters.get('name');
  if (!name) {
    return overview(place);
  }
  const project = await get('rank/project', {name});
  const tabs = h('p', {class: 'controls'}, h('a', {href: '#/rank'}, 'All rankings'),
    h('a', {href: '#/rank?' + new URLSearchParams({name})}, project.mode === 'demonstrate' ? 'Write' : 'Rank'),
    h('a', {href: '#/rank?' + new URLSearchParams({name, view: 'results'})}, 'Agreement, export, train'));
  const body = h('div');
  put(place, tabs, body);
  if (parameters.get('view') === 'results') {
    return results(body, project);
  }
  const page = new Ranking(body, project);
  await page.start();
  return () => page.close();
}

async function overview(place) {
  const list = await get('rank/projects');
  const form = new NewRankings(name => {
    location.hash = '#/rank?' + new URLSearchParams({name});
  });
  put(place, h('p', {class: 'note'}, 'People put answers to the same prompt in order, without knowing who wrote them. Their rankings train reward models, DPO and SFT.'),
    list.length ? h('section', {}, h('h2', {}, 'Rankings'), table('Rankings', ['name', 'kind', 'items', 'answers', 'people', ''], list.map(one => one.error
      ? [one.name, h('span', {class: 'problem'}, one.error), '', '', '', '']
      : [h('a', {href: '#/rank?' + new URLSearchParams({name: one.name})}, one.name), one.mode, number(one.items), number(one.answers), number(one.people),
        h('a', {href: '#/rank?' + new URLSearchParams({name: one.name, view: 'results'})}, 'results of ' + one.name)]))) : null,
    h('section', {}, h('h2', {}, 'New rankings'), form.element));
  await form.start();
}

const SHORTCUTS = {
  rank: [['1', '9', 'the next best'], ['=', 'ties the next one with the last'], ['Enter', 'save and go on'], ['s', 'skip'], ['u', 'undo']],
  pair: [['1', '2', 'the better one'], ['=', 'a tie'], ['Enter', 'save and go on'], ['s', 'skip'], ['u', 'undo']],
};

class Ranking {
  constructor(place, project) {
    this.project = project;
    this.place = place;
    this.person = '';
    this.said = h('p', {class: 'unseen', role: 'status', 'aria-live': 'polite'});
    this.progress = h('p', {class: 'note'});
    this.body = h('div');
    this.keys = event => this.key(event);
    document.addEventListener('keydown', this.keys);
    put(place, this.progress, this.body, this.said);
  }

  async start() {
    const name = remembered('person');
    if (name) { // asked once; a button says that it is somebody else
      this.person = (await post('rank/join', {name: this.project.name, person: name})).person;
      return this.load();
    }
    const box = h('input', {type: 'text', maxlength: '60', autocomplete: 'name', required: true});
    put(this.body, h('form', {onsubmit: event => {
      event.preventDefault();
      attempt(async () => {
        this.person = (await post('rank/join', {name: this.project.name, person: box.value})).person;
        remembered('person', this.person);
        await this.load();
      });
    }}, h('section', {}, field('Your name, so that your answers stay together', box), h('p', {}, h('button', {type: 'submit', class: 'main'}, 'Begin')))));
    box.focus();
    return undefined;
  }

  async load() {
    this.take(await get('rank/next', {name: this.project.name, person: this.person}));
  }

  take(next) {
    if (next.stale) {
      tell(next.stale, true);
    }
    const all = next.done + next.left;
    put(this.progress, `${this.person}: ${number(next.done)} answered, ${number(next.left)} to go. `,
      h('progress', {max: Math.max(1, all), value: next.done, 'aria-label': 'Answered'}), ' ',
      h('button', {type: 'button', onclick: () => this.other()}, 'Not ' + this.person + '?'));
    this.showing = next.showing;
    this.since = performance.now();
    if (!this.showing) {
      return this.rest(next);
    }
    return this.project.mode === 'demonstrate' ? this.write() : this.cards();
  }

  other() {
    remembered('person', '');
    this.showing = undefined;
    this.start();
  }

  /** Nothing is left, for now or for good. */
  async rest(next) {
    put(this.body, h('p', {class: 'note'}, 'Nothing more for now.'));
    const project = await get('rank/project', {name: this.project.name});
    const running = project.sampling?.running;
    const error = project.sampling?.error;
    put(this.body, h('section', {'data-done': next.done}, h('h2', {tabindex: '-1'}, running ? 'Answers are being written' : next.done ? 'All done. Thank you.' : 'There is nothing to rank yet.'),
      running ? h('p', {}, `${project.sampling.done} of ${project.sampling.total} prompts are answered.`) : null,
      error ? h('p', {class: 'problem'}, error) : null,
      !running && (project.sampled_earlier || error) ? h('button', {type: 'button', onclick: () => attempt(async () => {
        await post('rank/sample', {name: project.name});
        this.again();
      })}, 'Continue sampling answers') : null,
      h('p', {class: 'controls'}, h('a', {href: '#/rank?' + new URLSearchParams({name: project.name, view: 'results'})}, 'Agreement, export, train'),
        next.done ? h('button', {type: 'button', onclick: () => this.undo()}, 'Undo the last answer') : null)));
    if (running) {
      this.again();
    }
  }

  again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => attempt(() => this.load()), 1000);
  }

  cards() {
    const count = this.showing.responses.length;
    this.order = [...Array(count).keys()];
    this.ranked = 0;
    this.ties = new Set(); // cards that are tied with the one above
    this.tieNext = false;
    const ranks = this.showing.undone?.ranks ?? [];
    if (ranks.length === count) {
      this.order.sort((a, b) => ranks[a] - ranks[b] || a - b);
      this.ranked = count;
      this.order.forEach((card, i) => i > 0 && ranks[card] === ranks[this.order[i - 1]] && this.ties.add(card));
    }
    this.list = h('ol', {class: 'answers', 'aria-label': 'Answers, the best on top'});
    this.elements = this.showing.responses.map((text, card) => this.card(text, card));
    this.save = h('button', {type: 'button', class: 'main', onclick: () => this.submit()}, 'Save (Enter)');
    this.heading = h('h2', {tabindex: '-1'}, this.project.mode === 'pair' ? 'Which answer is better?' : 'Put the answers in order, the best first');
    put(this.body, h('section', {}, this.heading, h('div', {class: 'asked', tabindex: '0', role: 'region', 'aria-label': 'Prompt'}, prompt(this.showing.prompt)), this.list,
      h('p', {class: 'keys'}, SHORTCUTS[this.project.mode].map(keys => [keys.slice(0, -1).map((key, i) => [i ? ' to ' : '', h('kbd', {}, key)]), ' ' + keys[keys.length - 1] + '. ']),
        'Or drag a card: then the whole list counts as it is.')),
      h('div', {class: 'actions'}, this.save, h('button', {type: 'button', onclick: () => this.equal()}, '= Tie'),
        h('button', {type: 'button', onclick: () => this.skip()}, 'Skip (s)'), h('button', {type: 'button', onclick: () => this.undo()}, 'Undo (u)')));
    this.draw();
    this.heading.focus({preventScroll: true});
    scrollTo(0, 0);
  }

  card(text, card) {
    const element = h('li', {class: 'answer', 'data-card': card, tabindex: '-1', 'aria-label': 'Answer ' + (card + 1)},
      h('button', {type: 'button', class: 'pick', 'aria-label': `Answer ${card + 1} is the next best`, onclick: () => this.pick(card)}, card + 1),
      written(text, {tabindex: '0', role: 'region', 'aria-label': `Text of answer ${card + 1}`}),
      h('button', {type: 'button', class: 'grip', 'aria-label': `Drag answer ${card + 1}`, onpointerdown: event => this.drag(event, card)}, '⠿'),
      h('div', {class: 'moves'}, h('span', {class: 'place'}),
        h('button', {type: 'button', 'aria-label': `Move answer ${card + 1} up`, onclick: () => this.move(card, -1)}, '↑ better'),
        h('button', {type: 'button', 'aria-label': `Move answer ${card + 1} down`, onclick: () => this.move(card, 1)}, '↓ worse'),
        h('button', {type: 'button', class: 'tie', 'aria-label': `Tie answer ${card + 1} with the one above`, 'aria-pressed': 'false', onclick: () => this.tie(card)}, '= as good as above')));
    return element;
  }

  /** Ranks by card, of those that have one: 1 is the best. */
  ranks() {
    const ranks = new Map();
    let rank = 0;
    this.order.slice(0, this.ranked).forEach((card, i) => {
      rank += i > 0 && this.ties.has(card) ? 0 : 1;
      ranks.set(card, rank);
    });
    return ranks;
  }

  draw() {
    const focused = document.activeElement;
    const ranks = this.ranks();
    this.order.forEach((card, i) => {
      const element = this.elements[card];
      const rank = ranks.get(card);
      const tied = i > 0 && i < this.ranked && this.ties.has(card);
      element.classList.toggle('ranked', rank !== undefined);
      element.classList.toggle('tied', tied);
      put(element.querySelector('.place'), rank === undefined ? 'no rank yet' : 'rank ' + rank + (tied ? ' (tie)' : ''));
      const tie = element.querySelector('.tie');
      tie.hidden = i === 0;
      tie.setAttribute('aria-pressed', String(tied));
    });
    this.list.replaceChildren(...this.order.map(card => this.elements[card]));
    if (this.list.contains(focused)) {
      focused.focus({preventScroll: true});
    }
  }

  announce(text) {
    this.said.textContent = text;
  }

  /** A card is the next best; one that has a rank loses it. */
  pick(card) {
    const at = this.order.indexOf(card);
    this.order.splice(at, 1);
    if (at < this.ranked) {
      this.ties.delete(card);
      if (this.order[at] !== undefined && at === 0) {
        this.ties.delete(this.order[0]);
      }
      this.ranked--;
      this.order.splice(this.ranked, 0, card);
      this.announce(`Answer ${card + 1} has no rank.`);
    } else {
      this.ties.delete(card);
      if (this.tieNext && this.ranked > 0) {
        this.ties.add(card);
      }
      this.order.splice(this.ranked, 0, card);
      this.ranked++;
      if (this.ranked === this.order.length - 1 && !(this.project.mode === 'pair' && this.tieNext)) {
        this.ties.delete(this.order[this.ranked]);
        this.ranked++; // the only one left is the last
      }
      this.tieNext = false;
      this.announce(`Answer ${card + 1} has rank ${this.ranks().get(card)}.`);
    }
    this.draw();
  }

  /** The key =: of two answers a tie; else the focused card with the one above, or the next one with the last. */
  equal() {
    if (this.order.length === 2) {
      const [, second] = this.order;
      const isTie = this.ranked === 2 && this.ties.has(second);
      this.ranked = 2;
      isTie ? this.ties.delete(second) : this.ties.add(second);
      this.announce(isTie ? 'No tie.' : 'A tie.');
      this.draw();
      return;
    }
    const focused = document.activeElement?.closest?.('[data-card]');
    if (focused && this.ranked > this.order.indexOf(Number(focused.dataset.card))) {
      this.tie(Number(focused.dataset.card));
    } else if (this.ranked > 0 && this.ranked < this.order.length) {
      this.tieNext = !this.tieNext;
      this.announce(this.tieNext ? 'The next answer is tied with the last.' : 'The next answer is not tied.');
    } else if (this.ranked === this.order.length) {
      this.tie(this.order[this.order.length - 1]);
    }
  }

  tie(card) {
    const at = this.order.indexOf(card);
    if (at > 0) {
      this.ranked = Math.max(this.ranked, at + 1);
      this.ties.has(card) ? this.ties.delete(card) : this.ties.add(card);
      this.announce(this.ties.has(card) ? `Answer ${card + 1} is tied with the one above.` : `Answer ${card + 1} is not tied.`);
      this.draw();
    }
  }

  move(card, by) {
    this.put(card, this.order.indexOf(card) + by);
    this.elements[card].focus({preventScroll: true});
  }

  /** A card at a place; the whole list counts then. */
  put(card, at) {
    const from = this.order.indexOf(card);
    const to = Math.max(0, Math.min(this.order.length - 1, at));
    if (from !== to) {
      const below = this.order[from + 1];
      if (below !== undefined && !this.ties.has(card)) {
        this.ties.delete(below);
      }
      this.ties.delete(card);
      this.order.splice(from, 1);
      this.order.splice(to, 0, card);
    }
    this.ties.delete(this.order[0]);
    this.ranked = this.order.length;
    this.announce(`Answer ${card + 1} has place ${this.order.indexOf(card) + 1}.`);
    this.draw();
  }

  /** Pointers of all kinds: mouse, pen and finger. */
  drag(event, card) {
    event.preventDefault();
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    const element = this.elements[card];
    element.classList.add('dragged');
    let at = this.order.indexOf(card);
    const mark = () => this.order.forEach((other, i) => {
      this.elements[other].classList.toggle('above', i === at && i < this.order.indexOf(card));
      this.elements[other].classList.toggle('below', i === at && i > this.order.indexOf(card));
    });
    const moved = over => {
      at = this.order.findIndex(other => {
        const box = this.elements[other].getBoundingClientRect();
        return over.clientY < box.bottom;
      });
      at = at < 0 ? this.order.length - 1 : at;
      mark();
    };
    const end = () => {
      grip.removeEventListener('pointermove', moved);
      grip.removeEventListener('pointerup', up);
      grip.removeEventListener('pointercancel', end);
      element.classList.remove('dragged');
      this.elements.forEach(other => other.classList.remove('above', 'below'));
    };
    const up = () => {
      end();
      this.put(card, at);
    };
    grip.addEventListener('pointermove', moved);
    grip.addEventListener('pointerup', up);
    grip.addEventListener('pointercancel', end);
  }

  key(event) {
    const target = event.target;
    if (!this.showing || event.ctrlKey || event.metaKey || event.altKey || target.closest?.('input, textarea, select, [contenteditable]')) {
      return;
    }
    const card = target.closest?.('[data-card]');
    if (this.project.mode !== 'demonstrate') {
      if (/^[1-9]$/.test(event.key) && Number(event.key) <= this.order.length) {
        this.pick(Number(event.key) - 1);
      } else if (event.key === '=') {
        this.equal();
      } else if (card && event.shiftKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        this.move(Number(card.dataset.card), event.key === 'ArrowUp' ? -1 : 1);
      } else if (event.key === 'Enter' && !target.closest('button, a')) {
        this.submit();
      } else if (event.key === 's') {
        this.skip();
      } else if (event.key === 'u') {
        this.undo();
      } else {
        return;
      }
      event.preventDefault();
    }
  }

  submit() {
    const ranks = this.ranks();
    const missing = this.order.filter(card => !ranks.has(card));
    if (missing.length) {
      const text = `no rank yet: answer ${missing.map(card => card + 1).sort().join(', ')}`;
      tell(text, true);
      return undefined;
    }
    return this.send({ranks: this.showing.responses.map((_, card) => ranks.get(card))});
  }

  send(answer) {
    if (this.sending) {
      return undefined;
    }
    this.sending = true;
    return attempt(async () => {
      this.take(await post('rank/answer', {name: this.project.name, person: this.person, number: this.showing.number, seconds: (performance.now() - this.since) / 1000, ...answer}));
      document.getElementById('notices').replaceChildren();
    }).finally(() => {
      this.sending = false;
    });
  }

  skip() {
    return this.send({skip: true});
  }

  undo() {
    return attempt(async () => this.take(await post('rank/undo', {name: this.project.name, person: this.person})));
  }

  write() {
    const box = h('textarea', {rows: '10', value: this.showing.undone?.text || this.showing.responses[0] || '', onkeydown: event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        this.send({text: box.value});
      }
    }});
    put(this.body, h('section', {}, h('h2', {tabindex: '-1'}, this.showing.responses.length ? 'Make this answer as good as you can' : 'Write the best answer that you can'),
      h('div', {class: 'asked', tabindex: '0', role: 'region', 'aria-label': 'Prompt'}, prompt(this.showing.prompt)), field('Your answer', box)),
      h('div', {class: 'actions'}, h('button', {type: 'button', class: 'main', onclick: () => this.send({text: box.value})}, 'Save (Ctrl+Enter)'),
        h('button', {type: 'button', onclick: () => this.skip()}, 'Skip'), h('button', {type: 'button', onclick: () => this.undo()}, 'Undo')));
    box.focus({preventScroll: true});
  }

  close() {
    clearTimeout(this.timer);
    document.removeEventListener('keydown', this.keys);
  }
}
