import { afterEach, expect, test, vi } from 'vitest';
import { createState } from '../../core/state.js';
import de from '../lang/de.json';
import en from '../lang/en.json';
import type { Ui } from '../ui.js';
import { voice, type Words } from '../words.js';
import { back, size, why } from './measures.js';

function ui(words: Words, locale: string): Ui {
  const state = createState({ channel: 'test' });
  state.limits.value = { text: 1, file: 25_000_000 };
  return { state, ...voice(words, locale) } as Ui;
}

test('sizes are written as the language writes them', () => {
  expect(size(ui(de, 'de'), 1_843_200)).toBe('1,8 MB');
  expect(size(ui(de, 'de'), 900)).toBe('0,9 kB');
});

afterEach(() => {
  vi.useRealTimers();
});

test('when somebody should be back already, nothing is said of it', () => {
  expect(back(ui(en, 'en'), new Date(Date.now() - 1000).toISOString())).toBeUndefined();
});

test.each([
  [0, /^Back at 9:00\sAM$/],
  [3, /^Back \w+day at 9:00\sAM$/],
  [30, /^Back \w+ \d+, \d{4} at 9:00\sAM$/],
])('in %d days somebody is back', (ahead, expected) => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date().setHours(8, 0, 0, 0) });
  const at = new Date();
  at.setDate(at.getDate() + ahead);
  at.setHours(9, 0, 0, 0);
  const time = at.toISOString();
  expect(back(ui(en, 'en'), time)).toMatch(expected);
});

test('a refusal is told as far as the visitor can do something about it', () => {
  const codes = ['too_long', 'file_too_big', 'too_large', 'file_refused', 'who_knows'];
  const big = 'This file is too large: 25 MB at most.';
  expect(codes.map((code) => why(ui(en, 'en'), code))).toEqual([
    en.tooLong,
    big,
    big,
    en.badFile,
    '',
  ]);
});
