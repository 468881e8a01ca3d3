/** For tests: the screens on a stage, with a core that only writes down what it was asked. */

import { createState, type Message, type State } from '../core/state.js';
import { mount } from './mount.js';

export type Asked = [action: string, ...given: unknown[]];

export interface Stage {
  state: State;
  asked: Asked[];
  root: ShadowRoot;
  find<E extends HTMLElement = HTMLElement>(selector: string): E;
  all(selector: string): HTMLElement[];
  /** After what has changed was drawn, and something of this selector with it. */
  drawn(selector?: string): Promise<void>;
}

export function said(key: string, text: string, more: Partial<Message> = {}): Message {
  return {
    key,
    conversation: 'c1',
    seq: 1,
    at: '2026-11-20T10:00:00.000Z',
    by: 'contact',
    parts: [{ kind: 'text', text }],
    state: 'sent',
    ...more,
  };
}

export async function stage(
  prepare: (state: State) => void = () => {},
  language = 'en',
): Promise<Stage> {
  const state = createState({ channel: 'test', language });
  state.link.value = 'live';
  state.look.value = { title: 'Acme' };
  prepare(state);
  const asked: Asked[] = [];
  const actions = new Proxy({} as never, {
    get:
      (_, action: string) =>
      (...given: unknown[]) => {
        asked.push([action, ...given]);
        if (action === 'open') state.open.value = true;
        if (action === 'close') state.open.value = false;
        return null;
      },
  });
  mount({ state, actions, base: 'https://chat.example/widget/v1/' });
  const root = document.documentElement.lastElementChild?.shadowRoot as ShadowRoot;
  const drawn = async (selector = '.all') => {
    do await new Promise((next) => setTimeout(next));
    while (!root.querySelector(selector));
  };
  await drawn();
  return {
    state,
    asked,
    root,
    drawn,
    find: <E extends HTMLElement>(selector: string) => root.querySelector(selector) as E,
    all: (selector) => [...root.querySelectorAll<HTMLElement>(selector)],
  };
}
