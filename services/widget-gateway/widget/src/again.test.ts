/** What the build makes of `import()`: see scripts/again.mjs. */

import { expect, test } from 'vitest';
import { again } from '../scripts/again.mjs';

const APP = `const one = () => import("./extras-ab12.js"), other = () => import('./uploads-cd34.js')`;

/** Runs a chunk, with `fetched` in the place of the browser's import. */
function run(code: string, fetched: (address: string) => Promise<unknown>) {
  const body = code.replace(/\bimport\(/g, 'fetched(');
  return new Function('fetched', `${body}; return { one, other }`)(fetched) as Record<
    'one' | 'other',
    () => Promise<unknown>
  >;
}

test('what failed is asked for under another address, until it is there', async () => {
  const asked: string[] = [];
  const { one, other } = run(again(APP), async (address) => {
    asked.push(address);
    if (asked.length < 3) throw new TypeError('Failed to fetch');
    return 'there';
  });
  await expect(one()).rejects.toThrow('Failed to fetch');
  await expect(one()).rejects.toThrow('Failed to fetch');
  expect(await one()).toBe('there');
  expect(await other()).toBe('there');
  expect(asked).toEqual([
    './extras-ab12.js',
    './extras-ab12.js?1',
    './extras-ab12.js?2',
    './uploads-cd34.js?2',
  ]);
});

test('a chunk that loads nothing stays as it is', () => {
  expect(again('export const a = 1')).toBe('export const a = 1');
});
