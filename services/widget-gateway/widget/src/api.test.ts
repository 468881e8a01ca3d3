/** The API of the page: calls of before, events, and faults of the page's own. */

import { expect, test, vi } from 'vitest';
import { createApi } from './api.js';
import { type Listener, optionsOf } from './app.js';
import { createState } from './core/state.js';
import type { Sluice } from './sluice.js';

function world() {
  const state = createState({ channel: 'acme' });
  const heard: unknown[] = [];
  const events = ['ready', 'open', 'close', 'unread', 'message', 'identify', 'error'] as const;
  const listeners = events.map((event): Listener => [event, (about) => heard.push([event, about])]);
  const api = createApi(state, listeners);
  const actions = {
    open: () => {
      state.open.value = true;
    },
    close: () => {
      state.open.value = false;
    },
  };
  const core = { actions, identify: vi.fn(), reset: vi.fn() };
  return { state, heard, listeners, api, core: core as never, identify: core.identify };
}

const settled = () => new Promise((next) => setTimeout(next));

test('calls of before are heeded in order, then the API is the real one', async () => {
  const { api, core, heard, identify, state } = world();
  const sluice = {} as Sluice;
  const proof = { jwt: 'x' };
  api.begin(sluice, core, [
    ['identify', [proof]],
    ['toggle', []],
  ]);
  expect(identify).toHaveBeenCalledWith(proof);
  expect(state.open.value).toBe(true);
  await settled();
  sluice.toggle();
  sluice.set({ theme: 'dark' });
  await settled();
  expect(state.options.value).toEqual({ channel: 'acme', theme: 'dark' });
  api.ready();
  expect(heard).toEqual([
    ['open', undefined],
    ['close', undefined],
    ['ready', undefined],
  ]);
});

test('what is so already when the page begins is told', () => {
  const { api, core, heard, state } = world();
  state.open.value = true;
  state.unread.value = 3;
  api.begin({} as Sluice, core, []);
  expect(heard).toEqual([
    ['open', undefined],
    ['unread', 3],
  ]);
});

test('a message is told as text; a listener that throws harms nobody', async () => {
  const { api, core, heard, listeners, state } = world();
  vi.stubGlobal('reportError', vi.fn());
  listeners.unshift([
    'message',
    () => {
      throw new Error('of the page');
    },
  ]);
  api.begin({} as Sluice, core, []);
  api.tell('message', {
    key: 'm1',
    id: 'm1',
    conversation: 'c',
    seq: 1,
    at: '2026-01-01T00:00:00.000Z',
    by: 'user',
    author: 'Ann',
    parts: [{ kind: 'text', text: 'Hi' }, { kind: 'image' }],
    state: 'sent',
    whole: true,
  });
  state.unread.value = 2;
  await settled();
  expect(heard).toEqual([
    [
      'message',
      {
        id: 'm1',
        conversation: 'c',
        at: '2026-01-01T00:00:00.000Z',
        by: 'user',
        author: 'Ann',
        text: 'Hi',
      },
    ],
    ['unread', 2],
  ]);
  expect(reportError).toHaveBeenCalledOnce();
});

test.each([
  [{ channel: 'a' }, { channel: 'a' }],
  [
    { channel: 'a', theme: 'dark', autoOpen: '' },
    { channel: 'a', theme: 'dark', autoOpen: true },
  ],
  [
    { channel: 'a', launcher: 'false', sound: 'true' },
    { channel: 'a', launcher: false, sound: true },
  ],
])('data-attributes %j', (dataset, options) => {
  const script = document.createElement('script');
  Object.assign(script.dataset, dataset);
  expect(optionsOf(script)).toEqual(options);
});
