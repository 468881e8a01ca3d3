/** What comes out does not depend on how it came in. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BASE, CONVERSATION } from '../test/gateway.js';
import type { MessageView, ServerFrame, ThreadView } from './frames.js';
import { createStore } from './store.js';

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();

/** A conversation: every third message the visitor's own. */
const conversation: MessageView[] = [...Array(9).keys()].map((n) => ({
  id: `m${n}`,
  conversation: CONVERSATION,
  seq: n + 1,
  at: at(n),
  by: n % 3 ? 'user' : 'contact',
  ...(n % 3 ? {} : { client: `c${n}` }),
  parts: [
    { kind: 'text', text: `part 0 of ${n}` },
    { kind: 'text', text: `part 1 of ${n}` },
  ],
}));

const thread = (last: number): ThreadView => ({
  id: CONVERSATION,
  open: true,
  last,
  seen: 0,
  at: at(last),
});

const history = (from: number, to: number): ServerFrame => ({
  t: 'history',
  threads: [thread(to)],
  messages: conversation.slice(from, to),
  cursors: { [CONVERSATION]: to },
});

const live = (n: number, index: number): ServerFrame => {
  const { id, parts, client: _, ...rest } = conversation[n]!;
  return { t: 'part', message: id, index, of: 2, part: parts[index]!, ...rest };
};

const echo = (n: number): ServerFrame => {
  const { client, parts, at } = conversation[n]!;
  return { t: 'echo', id: client!, at, parts };
};

/** Live frames and echoes of all of it, in any order, some lost, some twice. */
const noise = fc.array(
  fc
    .integer({ min: 0, max: 8 })
    .chain((n) =>
      n % 3 ? fc.integer({ min: 0, max: 1 }).map((index) => live(n, index)) : fc.constant(echo(n)),
    ),
  { maxLength: 30 },
);

const texts = (store: ReturnType<typeof createStore>) =>
  store.sorted().map(({ parts }) => parts.map(({ text }) => text).join());

test('with its history told, a conversation is whole and in order, whatever came before', () => {
  fc.assert(
    fc.property(noise, fc.integer({ min: 1, max: 8 }), noise, (before, cut, between) => {
      const store = createStore(BASE);
      for (const frame of [...before, history(0, cut), ...between, history(cut, 9), ...between])
        store.frame(frame);
      expect(texts(store)).toEqual(
        conversation.map(({ parts }) => parts.map(({ text }) => text).join()),
      );
      expect(new Set(store.sorted().map(({ key }) => key)).size).toBe(9);
    }),
    { numRuns: 300 },
  );
});

test('cursors move with history alone', () => {
  const store = createStore(BASE);
  store.frame(history(0, 2));
  store.frame(live(4, 0));
  store.frame(echo(3));
  expect(store.cursors()).toEqual({ [CONVERSATION]: 2 });
  store.frame({ t: 'older', conversation: CONVERSATION, messages: [conversation[0]!], end: true });
  expect(store.cursors()).toEqual({ [CONVERSATION]: 2 });
});

test('what is told of oneself keeps its key from first to last', () => {
  const store = createStore(BASE);
  store.frame(echo(0));
  expect(store.sorted().map(({ key }) => key)).toEqual(['c0']);
  store.frame(history(0, 1));
  expect(store.sorted().map(({ key }) => key)).toEqual(['c0']);
});

test('only news of others is news: not of oneself, not twice, not of the first history', () => {
  const store = createStore(BASE);
  const keys = (frame: ServerFrame) => store.frame(frame).map(({ key }) => key);
  expect(keys(history(0, 3))).toEqual([]);
  expect(keys(live(4, 0))).toEqual(['m4']);
  expect(keys(live(4, 1))).toEqual([]);
  expect(keys(history(3, 5))).toEqual([]);
  expect(keys(history(5, 9))).toEqual(['m7', 'm8']);
});

test('unread counts what came after what was seen, or after their own last word', () => {
  const store = createStore(BASE);
  store.frame(history(0, 3));
  expect(store.unread()).toBe(2);
  store.saw(CONVERSATION, 2);
  expect(store.unread()).toBe(1);
  store.frame(history(3, 6));
  expect(store.unread()).toBe(2);
});

test('each place is acknowledged once over a wire, with what is whole and what was seen', () => {
  const store = createStore(BASE);
  store.frame(history(0, 3));
  store.frame(live(4, 0));
  expect(store.acks()).toEqual([{ t: 'ack', conversation: CONVERSATION, at: at(2), delivered: 3 }]);
  expect(store.acks()).toEqual([]);
  store.saw(CONVERSATION, 5);
  expect(store.acks()).toEqual([
    { t: 'ack', conversation: CONVERSATION, at: at(4), delivered: 3, read: 5 },
  ]);
  store.lost();
  expect(store.acks()).toHaveLength(1);
});

test('older messages are asked for until the beginning is here', () => {
  const store = createStore(BASE);
  store.frame({ ...history(5, 9), threads: [thread(9)] } as ServerFrame);
  expect(store.older()).toMatchObject({ conversation: CONVERSATION, before: 6 });
  const messages = conversation.slice(2, 5);
  store.frame({ t: 'older', conversation: CONVERSATION, messages, end: false });
  expect(store.older()).toMatchObject({ conversation: CONVERSATION, before: 3 });
  store.frame({ t: 'older', conversation: CONVERSATION, messages: [], end: true });
  expect(store.older()).toBeUndefined();
});

test('so do older ones that the team has read', () => {
  const store = createStore(BASE);
  store.frame({ ...history(5, 9), threads: [{ ...thread(9), seen: 9 }] } as ServerFrame);
  const messages = conversation.slice(0, 5);
  store.frame({ t: 'older', conversation: CONVERSATION, messages, end: true });
  expect(
    store
      .sorted()
      .filter(({ seen }) => seen)
      .map(({ key }) => key),
  ).toEqual(['c0', 'c3', 'c6']);
});

test('a message the team has read says so, and a deleted one has no words', () => {
  const store = createStore(BASE);
  store.frame(history(0, 3));
  store.frame({ ...history(3, 3), threads: [{ ...thread(3), seen: 1 }] } as ServerFrame);
  expect(store.sorted()[0]).toMatchObject({ seen: true });
  const gone = { ...conversation[1]!, parts: [], deleted: true };
  store.frame({ ...history(3, 3), messages: [gone] } as ServerFrame);
  expect(store.sorted()[1]).toMatchObject({ deleted: true, parts: [] });
});

test('files are named from where the widget lies', () => {
  const store = createStore(BASE);
  const file = { kind: 'image', file: { url: '/widget/v1/files/abc' } };
  store.frame({
    ...history(0, 1),
    messages: [{ ...conversation[0]!, parts: [file] }],
  } as ServerFrame);
  expect(store.sorted()[0]?.parts[0]?.file?.url).toBe('https://chat.example/widget/v1/files/abc');
});

test('it is bounded', () => {
  const store = createStore(BASE);
  const many = [...Array(1500).keys()].map((n) => ({
    ...conversation[1]!,
    id: `x${n}`,
    seq: n + 1,
    at: at(n),
  }));
  store.frame({ ...history(0, 0), threads: [thread(1500)], messages: many } as ServerFrame);
  expect(store.sorted()).toHaveLength(1500); // somebody may be reading
  store.trim();
  expect(store.sorted()).toHaveLength(500);
  expect(store.sorted().at(-1)?.key).toBe('x1499');
  expect(store.keep().messages).toHaveLength(100);
  expect(store.older()).toMatchObject({ conversation: CONVERSATION, before: 1001 });
});
