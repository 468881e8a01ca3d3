/** From the script to the widget that is drawn: its look, and the panel from page to page. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Listener, look, start } from './app.js';
import { createState } from './core/state.js';
import en from './screens/lang/en.json';
import type { Sluice } from './sluice.js';
import { closePages, newBrowser, pass, until } from './test/browser.js';
import { BASE, Gateway } from './test/gateway.js';

let gateway: Gateway;
/** What `look` is answered with; null: the network is away. */
let answers: (() => Response | null)[];
let looks: number;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
  sessionStorage.clear();
  looks = 0;
  answers = [];
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    if (address.endsWith('.json')) return Response.json(en);
    if (!address.endsWith('/look')) return gateway.fetch(address, init);
    const answer = (answers[looks++] ?? answers.at(-1) ?? (() => Response.json({})))();
    if (answer) return answer;
    throw new TypeError('Failed to fetch');
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const told =
  (answer: object, status = 200) =>
  () =>
    Response.json(answer, { status });
const hours = (open: boolean) => told({ hours: { open } });

/** A page with the script on it. */
async function page() {
  for (const old of document.querySelectorAll('sluice-widget')) old.remove();
  const script = document.createElement('script');
  Object.defineProperty(script, 'src', { value: `${BASE}loader.js` });
  script.dataset['channel'] = 'acme';
  const heard: unknown[] = [];
  const drawn = () => !!document.querySelector('sluice-widget')?.shadowRoot?.querySelector('.all');
  const listeners = (['ready', 'open', 'error'] as const).map(
    (event): Listener => [event, (about) => heard.push([event, about, drawn()])],
  );
  const sluice = {} as Sluice;
  const started = vi.fn();
  start(script, sluice, [], listeners).then(started);
  await until(() => started.mock.calls.length > 0);
  const panel = () => document.querySelector('sluice-widget')?.shadowRoot?.querySelector('.panel');
  return { sluice, heard, drawn, panel };
}

/** The next page of the tab. */
async function next() {
  closePages(gateway);
  const on = await page();
  await until(on.drawn);
  return on;
}

test('it is ready when it is drawn', async () => {
  answers = [() => null, told({})];
  const { heard, drawn } = await page();
  expect(heard).toEqual([]);
  await until(drawn);
  await pass(100);
  expect(heard).toEqual([['ready', undefined, true]]);
});

test('where nothing is drawn nothing is ready', async () => {
  answers = [told({ code: 'foreign_origin' }, 403)];
  const { heard } = await page();
  await pass(30_000);
  expect(heard).toEqual([['error', 'foreign_origin', false]]);
  expect(looks).toBe(1);
});

test('the look is asked for again when the panel opens, at most once a minute', async () => {
  answers = [hours(false), hours(true), () => null, hours(false)];
  const state = createState({ channel: 'acme' });
  look(state, BASE, () => {});
  const opens = async () => {
    state.open.value = false;
    await pass(20);
    state.open.value = true;
    await pass(20);
    return [looks, state.look.value?.hours?.open];
  };
  await pass(20);
  expect(await opens()).toEqual([1, false]);
  await pass(3600_000);
  expect(looks, 'while it is open nobody looks again').toBe(1);
  expect(await opens()).toEqual([2, true]);
  expect(await opens()).toEqual([2, true]);
  await pass(60_000);
  expect(await opens(), 'what is known stays').toEqual([3, true]);
  expect(await opens(), 'one at a time').toEqual([3, true]);
  await pass(10_000);
  expect([looks, state.look.value?.hours?.open]).toEqual([4, false]);
});

test('a panel that is open stays so on the next page, and one that was closed closed', async () => {
  const first = await page();
  await until(first.drawn);
  first.sluice.open();
  const second = await next();
  expect(second.panel()).not.toBeNull();
  second.sluice.close();
  expect((await next()).panel()).toBeNull();
});

test('it does not stay open for who comes next, nor where it covers the screen', async () => {
  const first = await page();
  await until(first.drawn);
  first.sluice.open();
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  const second = await next();
  expect(second.panel()).toBeNull();
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  expect((await next()).panel()).not.toBeNull();
  second.sluice.reset();
  expect((await next()).panel()).toBeNull();
});
