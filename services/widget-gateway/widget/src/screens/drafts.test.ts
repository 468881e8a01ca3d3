/** What was begun and not sent: it stays with the visitor, and goes with them. */

import { beforeEach, expect, test, vi } from 'vitest';
import type { State } from '../core/state.js';
import en from './lang/en.json';
import { stage } from './staged.js';

beforeEach(() => {
  sessionStorage.clear();
  vi.stubGlobal('fetch', async () => Response.json(en));
});

/** A page in the same tab. */
async function page(era: string, prepare: (state: State) => void = () => {}) {
  const on = await stage((state) => {
    state.open.value = true;
    state.era.value = era;
    prepare(state);
  });
  const box = () => on.find<HTMLTextAreaElement>('.write textarea');
  return {
    ...on,
    box,
    async type(words: string) {
      box().value = words;
      box().dispatchEvent(new Event('input'));
      await on.drawn();
    },
  };
}

test('a draft outlives its page', async () => {
  await (await page('e1')).type('half a sen');
  expect((await page('e1')).box().value).toBe('half a sen');
});

test('it is not shown to who comes next, on this page or the next one', async () => {
  const first = await page('e1');
  await first.type('half a sentence');
  const before = first.box();
  first.state.era.value = 'e2';
  await first.drawn();
  expect(first.box().value).toBe('');
  expect(first.box(), 'undo would bring it back').not.toBe(before);
  expect(JSON.stringify({ ...sessionStorage })).not.toContain('half');
  expect((await page('e2')).box().value).toBe('');
});

test('a page that missed the change of visitors gives nothing away', async () => {
  await (await page('e1')).type('half a sentence');
  expect((await page('e2')).box().value).toBe('');
});

test('another tab has a draft of its own', async () => {
  await (await page('e1')).type('half a sentence');
  expect(JSON.stringify({ ...localStorage })).not.toContain('half');
});

test('where nothing is kept, the draft goes with its visitor all the same', async () => {
  const { set, get } = { set: vi.fn(), get: vi.fn() };
  for (const refused of [set, get])
    refused.mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
  vi.stubGlobal('sessionStorage', new Proxy({}, { get, set }));
  const only = await page('e1');
  await only.type('half a sentence');
  only.state.era.value = 'e2';
  await only.drawn();
  expect(only.box().value).toBe('');
  vi.unstubAllGlobals();
});

test('what stands in the form is gone, and what was wrong with it', async () => {
  const { find, all, state, drawn } = await page('e1', (state) => {
    state.look.value = { form: [{ name: 'name' }, { name: 'email', required: true }] };
  });
  await drawn('.ask');
  find<HTMLInputElement>('[name=name]').value = 'Mira';
  find('.ask').dispatchEvent(new Event('submit', { cancelable: true }));
  await drawn('.ask .bad');
  state.era.value = 'e2';
  await drawn();
  expect(all('input').map((input) => (input as HTMLInputElement).value)).toEqual(['', '']);
  expect(all('.bad')).toEqual([]);
});
