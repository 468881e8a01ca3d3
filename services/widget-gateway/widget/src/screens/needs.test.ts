/** Where what is loaded on demand does not come, the visitor can write all the same. */

import { expect, test, vi } from 'vitest';
import en from './lang/en.json';
import { stage } from './staged.js';

/** A page that asks who the visitor is. `more`: what comes of the words of the form. */
function asking(more: () => Promise<Response>) {
  vi.stubGlobal('fetch', async (url: string) =>
    url.includes('/more/') ? more() : Response.json(en),
  );
  return stage((state) => {
    state.open.value = true;
    state.look.value = { form: [{ name: 'name', required: true }] };
  });
}

test('a form that cannot be loaded is no reason to be silent', async () => {
  const { find, drawn } = await asking(() => Promise.reject(new TypeError('Failed to fetch')));
  await drawn('.write');
  expect(find('.ask')).toBeNull();
});

test('while it is on its way there is neither, and no word is missing when it is there', async () => {
  let arrive: (words: Response) => void = () => {};
  const { all, find, drawn } = await asking(
    () =>
      new Promise((done) => {
        arrive = done;
      }),
  );
  await drawn();
  expect(all('.ask, .write')).toEqual([]);
  arrive(Response.json(en));
  await drawn('.ask');
  expect(find('.ask p').textContent).toBe(en.form);
});
