// Chat: one model, or two side by side and blind; branches are kept; tokens tell their probabilities.

import {attempt, get, listen, post, tell} from '../api.js';
import {tokens} from '../chat-tokens.js';
import {field, h, put, select} from '../dom.js';
import {remembered, rememberedObject} from '../memory.js';
import {ModelFields, SamplingFields, firstOf, loaded, models} from '../sampling.js';
import {visible, written} from '../text.js';

export async function show(place, parameters) {
  const page = new Chat(place, parameters);
  await page.start();
  return () => page.close();
}

class Chat {
  constructor(place, parameters) {
    this.place = place;
    this.id = parameters.get('id') ?? '';
    this.messages = new Map();
    this.chosen = new Map(); // by parent, the child that is shown
    this.open = new Set(); // answers whose tokens are shown
    this.unlisten = () => {};
  }

  async start() {
    const found = await models();
    const before = rememberedObject('chat');
    this.first = new ModelFields('Model', found, before.first ?? firstOf(found));
    this.second = new ModelFields('Second model', found, before.second);
    this.both = h('input', {type: 'checkbox', checked: Boolean(before.both), onchange: () => this.sides()});
    this.blind = h('input', {type: 'checkbox', checked: before.blind !== false});
    this.sampling = new SamplingFields(before.settings);
    this.system = h('textarea', {rows: '2', value: before.system ?? ''});
    this.box = h('textarea', {rows: '3', placeholder: 'Message', onkeydown: event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    }});
    this.go = h('button', {type: 'submit', class: 'main'}, 'Send');
    this.stop = h('button', {type: 'button', hidden: true, onclick: () => attempt(() => post('chat/stop', {turn: this.turn}))}, 'Stop');
    this.memory = h('p', {class: 'note'});
    this.more = h('div', {}, this.second.element, h('label', {class: 'check'}, this.blind, 'blind: names are told after the vote'));
    this.thread = h('div', {'aria-label': 'Conversation', role: 'log', 'aria-live': 'off'});
    this.said = h('p', {class: 'unseen', role: 'status', 'aria-live': 'polite'});
    this.list = h('div', {class: 'controls'});
    put(this.place, this.list, h('section', {}, h('details', {open: !this.id}, h('summary', {}, 'Models'), this.first.element, h('label', {class: 'check'}, this.both, 'two models side by side'), this.more, this.memory),
      h('details', {}, h('summary', {}, 'System prompt and sampling'), field('System prompt', this.system), this.sampling.element)),
    this.thread, h('form', {class: 'composer', onsubmit: event => {
      event.preventDefault();
      this.send();
    }}, field('Message (Enter sends, Shift+Enter begins a line)', this.box), h('p', {class: 'controls'}, this.go, this.stop)), this.said);
    this.sides();
    this.remember(found.loaded);
    await this.names();
    if (this.id) {
      await this.load();
      setTimeout(() => this.end(), 50);
    }
  }

  /** Scrolls to what was said last. */
  end() {
    scrollTo(0, document.documentElement.scrollHeight);
  }

  sides() {
    this.more.hidden = !this.both.checked;
  }

  remember(list) {
    loaded(this.memory, list, () => attempt(async () => this.remember(await post('chat/give-back'))));
  }

  async names() {
    const list = await get('chat/list');
    const options = [['', 'new conversation'], ...list.map(one => [one.id, (one.title || one.id) + ' (' + one.at.slice(0, 16).replace('T', ' ') + ')'])];
    if (this.id && !list.some(one => one.id === this.id)) {
      options.push([this.id, 'this conversation']);
    }
    put(this.list, field('Conversations', select(options, this.id, id => {
      location.hash = id ? '#/chat?' + new URLSearchParams({id}) : '#/chat?' + new URLSearchParams({new: Date.now()});
    })));
  }

  async load() {
    const tree = await get('chat/tree', {id: this.id});
    this.messages = new Map(tree.messages.map(message => [message.id, message]));
    const last = tree.messages[tree.messages.length - 1];
    if (last && this.chosen.size === 0) {
      this.choose(last.id);
    }
    this.draw();
  }

  /** Shows the branch that a message is on. */
  choose(id) {
    for (let at = this.messages.get(id); at; at = this.messages.get(at.parent)) {
      this.chosen.set(at.parent, at.id);
    }
  }

  children(parent) {
    return [...this.messages.values()].filter(message => message.parent === parent);
  }

  /** The messages that are shown, from the first. */
  path() {
    const path = [];
    for (let parent = ''; ;) {
      const children = this.children(parent);
      if (children.length === 0) {
        return path;
      }
      const message = this.messages.get(this.chosen.get(parent)) ?? children[children.length - 1];
      path.push(message);
      parent = message.id;
    }
  }

  draw() {
    const path = this.path();
    put(this.thread, path.filter(message => message.role !== 'system' || message.content).map(message => this.message(message)));
    const last = path[path.length - 1];
    if (last?.role === 'user' && !this.turn) {
      this.thread.append(h('p', {class: 'controls'}, h('button', {type: 'button', onclick: () => this.answer(last.id)}, 'Answer')));
    }
  }

  pair(message) {
    return message.turn ? this.children(message.parent).filter(other => other.turn === message.turn).sort((a, b) => a.side < b.side ? -1 : 1) : [];
  }

  message(message) {
    const pair = this.pair(message);
    const siblings = this.children(message.parent);
    const at = siblings.indexOf(message);
    const to = i => () => {
      this.chosen.set(message.parent, siblings[i].id);
      this.draw();
    };
    const branches = siblings.length > 1 && pair.length < 2 ? h('span', {}, h('button', {type: 'button', disabled: at === 0, 'aria-label': 'Earlier version', onclick: to(at - 1)}, '‹'), ` ${at + 1}/${siblings.length} `,
      h('button', {type: 'button', disabled: at === siblings.length - 1, 'aria-label': 'Later version', onclick: to(at + 1)}, '›')) : null;
    if (pair.length === 2) {
      const others = siblings.filter(one => !pair.includes(one));
      return h('div', {}, others.length ? h('p', {class: 'note'}, h('button', {type: 'button', onclick: () => {
        this.chosen.set(message.parent, others[others.length - 1].id);
        this.draw();
      }}, `${others.length} other answers`)) : null, h('div', {class: 'sides'}, pair.map(one => this.one(one, null))), this.vote(pair));
    }
    return this.one(message, branches);
  }

  one(message, branches) {
    const isAnswer = message.role === 'assistant';
    const who = message.side && !message.model ? 'Answer ' + message.side
      : (message.side ? message.side + ': ' : '') + (isAnswer && message.model ? message.model.model + (message.model.adapter ? ' + ' + message.model.adapter : '') : message.role) + (message.edited ? ' (edited)' : '');
    const isChosen = message.side && this.chosen.get(message.parent) === message.id && message.vote;
    const box = h('article', {class: 'message ' + message.role, 'data-id': message.id});
    const show = () => {
      const isOpen = this.open.has(message.id);
      put(box, h('header', {}, h('span', {}, who), isChosen ? h('b', {}, 'continues') : null, message.settings ? h('span', {}, 'seed ' + message.settings.seed) : null,
        message.finish && message.finish !== 'stop' ? h('span', {}, message.finish === 'length' ? 'cut at its length' : 'stopped') : null, branches,
        h('button', {type: 'button', onclick: () => this.edit(box, message, show)}, 'Edit'),
        isAnswer && !message.side ? h('button', {type: 'button', onclick: () => this.retry(message)}, 'Retry') : null,
        message.side && message.vote && !isChosen ? h('button', {type: 'button', onclick: () => {
          this.chosen.set(message.parent, message.id);
          this.draw();
        }}, 'Continue from this') : null,
        message.tokens ? [h('button', {type: 'button', 'aria-pressed': String(isOpen), onclick: () => {
          isOpen ? this.open.delete(message.id) : this.open.add(message.id);
          show();
        }}, 'Probabilities'), h('a', {href: '/api/chat/attention?' + new URLSearchParams({id: this.id, message: message.id}), target: '_blank', rel: 'noopener'}, 'Attention')] : null),
      isOpen && message.tokens ? tokens(message.tokens) : written(message.content));
    };
    show();
    return box;
  }

  edit(box, message, undo) {
    const text = h('textarea', {rows: '5', value: message.content});
    put(box, h('div', {class: 'editor'}, field(message.role === 'assistant' ? 'The answer, corrected' : 'The message, changed', text), h('p', {class: 'controls'},
      h('button', {type: 'button', class: 'main', onclick: () => attempt(async () => {
        const added = await post('chat/message', {id: this.id, parent: message.parent, role: message.role, content: text.value});
        this.take(added);
        if (message.role === 'user') {
          await this.answer(added.id);
        }
      })}, 'Save as a new branch'), h('button', {type: 'button', onclick: undo}, 'Cancel'))));
    text.focus();
  }

  take(message) {
    this.messages.set(message.id, message);
    this.choose(message.id);
    this.draw();
  }

  retry(message) {
    this.sampling.seed(Number(message.settings?.seed ?? 0) + this.children(message.parent).length);
    return this.answer(message.parent);
  }

  send() {
    const content = this.box.value;
    if (!content.trim() || this.busy) {
      return undefined;
    }
    return this.alone(async () => {
      if (!this.id) {
        this.id = (await post('chat/new')).id;
        history.replaceState(null, '', '#/chat?' + new URLSearchParams({id: this.id}));
        this.take(await post('chat/message', {id: this.id, parent: '', role: 'system', content: this.system.value}));
      }
      const path = this.path();
      const last = path[path.length - 1];
      const pair = last ? this.pair(last) : [];
      if (pair.length === 2 && !last.vote) {
        throw new Error('say first which of the two answers is better: the conversation continues from that one');
      }
      const said = await post('chat/message', {id: this.id, parent: last?.id ?? '', role: 'user', content});
      this.box.value = '';
      this.take(said);
      await this.answer(said.id);
    });
  }

  /** Does something that ends with an answer under way; nothing else is sent meanwhile. */
  async alone(action) {
    this.busy = true;
    this.go.disabled = true;
    await attempt(action);
    this.busy = Boolean(this.turn);
    this.go.disabled = this.busy;
  }

  answer(parent) {
    return this.alone(async () => {
      const chosen = [this.first.value(), this.both.checked ? this.second.value() : undefined].filter(Boolean);
      if (this.both.checked && chosen.length < 2) {
        throw new Error('choose the second model, or one model alone');
      }
      const settings = this.sampling.value();
      remembered('chat', JSON.stringify({first: chosen[0], second: this.second.value(), both: this.both.checked, blind: this.blind.checked, settings, system: this.system.value}));
      this.turn = (await post('chat/answer', {id: this.id, parent, models: chosen, blind: this.blind.checked, settings})).turn;
      this.hear(chosen.length);
    });
  }

  /** Shows answers as they come. */
  hear(count) {
    const sides = Object.fromEntries(['A', 'B'].slice(0, count).map(side => [side, written('', {class: 'coming'})]));
    const texts = {A: '', B: ''};
    const place = h('div', {class: 'sides'}, Object.entries(sides).map(([side, box]) => h('article', {class: 'message assistant'}, h('header', {}, count > 1 ? 'Answer ' + side : 'Answer', h('span', {}, ' is being written')), box)));
    this.draw();
    this.thread.append(place);
    this.end();
    this.stop.hidden = false;
    const started = {};
    const redraw = side => {
      const follows = innerHeight + scrollY > document.documentElement.scrollHeight - 120;
      put(sides[side], visible(texts[side]));
      started[side] = false;
      if (follows) {
        this.end();
      }
    };
    const end = () => {
      this.unlisten();
      this.unlisten = () => {};
      this.turn = undefined;
      this.busy = false;
      this.go.disabled = false;
      this.stop.hidden = true;
      place.remove();
      this.draw();
      this.said.textContent = 'The answer is there.';
      attempt(async () => {
        this.remember((await models()).loaded);
        await this.names();
      });
    };
    this.unlisten = listen('chat/events', {turn: this.turn}, {
      open: () => { // what was said before comes again
        texts.A = '';
        texts.B = '';
      },
      piece: event => {
        texts[event.side] += event.text;
        if (!started[event.side]) {
          started[event.side] = true;
          requestAnimationFrame(() => redraw(event.side));
        }
      },
      done: event => {
        this.messages.set(event.message.id, event.message);
        this.choose(event.message.id);
      },
      failed: event => tell(event.error, true),
      end,
    });
  }

  vote(pair) {
    if (pair[0].vote) {
      return h('p', {class: 'note'}, {A: 'A was better.', B: 'B was better.', tie: 'A tie.'}[pair[0].vote], ' Kept as a pair in the rankings ', h('a', {href: '#/rank?name=chat-votes&view=results'}, 'chat-votes'), '.');
    }
    const say = (choice, text) => h('button', {type: 'button', 'data-vote': choice, onclick: () => attempt(async () => {
      const person = remembered('person') || 'me';
      const result = await post('chat/vote', {id: this.id, turn: pair[0].turn, choice, person});
      await this.load();
      this.choose(result.chosen);
      this.draw();
      this.said.textContent = 'A was ' + result.models.A.model + ', B was ' + result.models.B.model;
    })}, text);
    return h('p', {class: 'controls'}, 'Which answer is better?', say('A', 'A is better'), say('tie', 'A tie'), say('B', 'B is better'));
  }

  close() {
    this.unlisten();
  }
}
