/** The loader in a page: it waits, keeps what is called, and never disturbs. */

import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('__APP__', 'app-abc.js');
  // Never idle: the app is not to be found here anyway.
  vi.stubGlobal('requestIdleCallback', vi.fn());
  delete window.sluice;
  document.head.replaceChildren();
});

function page(): void {
  const script = document.createElement('script');
  script.type = 'text/plain'; // not to be run by the test's own browser
  script.setAttribute('src', 'https://chat.example/widget/v1/loader.js');
  script.dataset['channel'] = 'acme';
  document.head.append(script);
}

test('defines the API and loads nothing before the page has time', async () => {
  page();
  await import('./loader.js');
  expect(Object.keys(window.sluice ?? {}).sort()).toEqual(
    ['close', 'identify', 'on', 'open', 'reset', 'set', 'toggle'].sort(),
  );
  expect(requestIdleCallback).toHaveBeenCalledOnce();
});

test('a second script on the page changes nothing', async () => {
  page();
  await import('./loader.js');
  const first = window.sluice;
  vi.resetModules();
  await import('./loader.js');
  expect(window.sluice).toBe(first);
});

test('without its script it does nothing', async () => {
  await import('./loader.js');
  expect(window.sluice).toBeUndefined();
});

test.each([false, true])('the app is asked for where light-dark() is known: %s', async (knows) => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.stubGlobal('CSS', { supports: () => knows });
  page();
  await import('./loader.js');
  window.sluice?.open();
  // It is not to be found here, and so to be asked for again.
  const most = knows ? 10_000 : 50;
  for (let turn = 0; turn < most && !vi.getTimerCount(); turn++) await new Promise(setImmediate);
  expect(vi.getTimerCount()).toBe(knows ? 1 : 0);
  expect(
    window.sluice?.on('ready', () => {}),
    'the page may call what it likes',
  ).toBeDefined();
  vi.useRealTimers();
});

test('a listener can be taken off again', async () => {
  page();
  await import('./loader.js');
  const off = window.sluice!.on('open', () => {});
  off();
  off();
});
