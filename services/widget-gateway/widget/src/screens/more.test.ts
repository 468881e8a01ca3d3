/** Each word is fetched with what says it: see scripts/more.mjs. */

import { expect, test } from 'vitest';
import { MORE } from '../../scripts/more.mjs';
import en from './lang/en.json';

const all = (files: Record<string, unknown>) => Object.values(files).join('');
const SCREENS = all(
  import.meta.glob(['./*.{ts,tsx}', '!./*.test.*'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
const EXTRAS = all(
  import.meta.glob(['./extras/*.{ts,tsx}', '!./extras/*.test.*'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);

const keys = Object.keys(en);
/** The words a piece of code may say, in the order of en.json. */
const said = (code: string) => {
  const calls = [...code.matchAll(/\bsay\((.+?)\)/g)].map(([, inside]) => inside).join(' ');
  return keys.filter((key) => calls.includes(`'${key}'`));
};

test('what the screens say is there with them', () => {
  expect(said(SCREENS).length).toBeGreaterThan(10);
  expect(said(SCREENS).filter((key) => MORE.has(key))).toEqual([]);
});

test('what the extras say comes with them', () => {
  expect(said(EXTRAS).length).toBeGreaterThan(10);
  expect(said(EXTRAS).filter((key) => !MORE.has(key))).toEqual([]);
});

test('the list has no word that nobody says', () => {
  expect([...MORE].filter((key) => !keys.includes(key))).toEqual([]);
  expect(
    [...MORE].filter((key) => !EXTRAS.includes(`'${key}'`) && !EXTRAS.includes(`${key}:`)),
  ).toEqual([]);
});
