import { expect, test } from 'vitest';
import type { Message } from '../core/state.js';
import { rows } from './rows.js';
import { said } from './staged.js';

const at = (time: string, more: Partial<Message> = {}) =>
  said(time, 'x', { at: new Date(`2026-11-${time}`).toISOString(), ...more });
/** d: a day begins; t: another conversation; [ and ]: first and last of a group. */
const drawn = (...messages: Message[]) =>
  rows(messages).map(
    ({ day, turn, first, last }) =>
      `${day ? 'd' : ''}${turn ? 't' : ''}${first ? '[' : ''}${last ? ']' : ''}`,
  );

test.each([
  ['nothing', [], []],
  ['one', [at('20T10:00')], ['d[]']],
  ['minutes apart', [at('20T10:00'), at('20T10:04'), at('20T10:08')], ['d[', '', ']']],
  ['a pause', [at('20T10:00'), at('20T10:06')], ['d[]', '[]']],
  ['another writer', [at('20T10:00'), at('20T10:01', { by: 'user' })], ['d[]', '[]']],
  [
    'another author',
    [at('20T10:00', { by: 'user', author: 'A' }), at('20T10:01', { by: 'user', author: 'B' })],
    ['d[]', '[]'],
  ],
  ['another day', [at('20T23:59'), at('21T00:01')], ['d[]', 'd[]']],
  [
    'another conversation',
    [at('20T10:00'), at('20T10:01', { conversation: 'c2' })],
    ['d[]', 't[]'],
  ],
  [
    'what is not told yet stays',
    [at('20T10:00'), at('20T10:01', { conversation: '' })],
    ['d[', ']'],
  ],
])('%s', (_, messages, expected) => {
  expect(drawn(...messages)).toEqual(expected);
});

test('the same messages are looked through once', () => {
  const messages = [at('20T10:00'), at('20T10:01')];
  expect(rows(messages)).toBe(rows(messages));
  expect(rows([...messages])).not.toBe(rows(messages));
});
