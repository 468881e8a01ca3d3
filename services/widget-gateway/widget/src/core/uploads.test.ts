/** Files: sent up first, then said; whatever becomes of them is shown. */

import { beforeEach, expect, test, vi } from 'vitest';
import { freezeAll, newBrowser, openTab, pass, shown, until } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';

let gateway: Gateway;
let requests: FakeUpload[];

/** An XMLHttpRequest that the test answers. */
class FakeUpload {
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onloadend?: () => void;
  status = 0;
  response: unknown = null;
  responseType = '';
  address = '';
  headers: Record<string, string> = {};
  body?: Blob;
  aborted = false;

  open(_: string, address: string): void {
    this.address = address;
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  send(body: Blob): void {
    this.body = body;
    requests.push(this);
  }
  abort(): void {
    this.aborted = true;
    this.answer(0, null);
  }
  answer(status: number, response: unknown): void {
    this.status = status;
    this.response = response;
    this.onloadend?.();
  }
}

const photo = () => new File(['pixels'], 'a photo.png', { type: 'image/png' });

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
  requests = [];
  vi.stubGlobal('XMLHttpRequest', FakeUpload);
});

async function sending() {
  const tab = await openTab();
  tab.actions.send('look', [photo()]);
  tab.actions.send('after it');
  await until(() => requests.length === 1);
  return tab;
}

test('a file goes up, with progress, then the message with its handle, then the next', async () => {
  const tab = await sending();
  expect(requests[0]?.address).toBe('https://chat.example/widget/v1/acme/files?name=a%20photo.png');
  expect(requests[0]?.headers).toMatchObject({ 'Content-Type': 'image/png' });
  requests[0]?.upload.onprogress?.({ loaded: 3, total: 6 });
  await until(() => tab.state.messages.value[0]?.progress === 0.5);
  expect(gateway.messages).toEqual([]);
  requests[0]?.answer(201, { file: 'handle-1' });
  await until(() => gateway.messages.length === 2);
  const said = gateway.heard.find(({ t }) => t === 'message');
  expect(said).toMatchObject({
    parts: [
      { kind: 'text', text: 'look' },
      { kind: 'file', file: 'handle-1' },
    ],
  });
  expect(gateway.texts()).toEqual(['look', 'after it']);
});

test.each([
  [413, { code: 'too_large' }, 'too_large'],
  [413, null, 'too_large'],
  [415, null, 'file_refused'],
])('why a file is refused is told, by a proxy too: %d %j', async (status, response, problem) => {
  const tab = await sending();
  requests[0]?.answer(status, response);
  await until(() => shown(tab)[1] === 'look (failed)');
  expect(tab.state.messages.value[1]?.problem).toBe(problem);
});

test('refused for good, it fails, the next goes on, and a retry uploads anew', async () => {
  const tab = await sending();
  requests[0]?.answer(415, { code: 'file_type' });
  await until(() => gateway.texts()[0] === 'after it');
  await until(() => shown(tab)[1] === 'look (failed)');
  expect(tab.state.messages.value[1]?.problem).toBe('file_type');
  tab.actions.retry(tab.state.messages.value[1]!.key);
  await until(() => requests.length === 2);
  requests[1]?.answer(201, { file: 'handle-2' });
  await until(() => gateway.messages.length === 2);
});

test('taken back while it goes up, it is aborted and the next goes on', async () => {
  const tab = await sending();
  tab.actions.discard(tab.state.messages.value[0]!.key);
  await until(() => gateway.messages.length === 1);
  expect(requests[0]?.aborted).toBe(true);
  expect(gateway.texts()).toEqual(['after it']);
});

test('what waits to go up can be taken back, too', async () => {
  gateway.online = false;
  const tab = await openTab();
  tab.actions.send('text alone');
  tab.actions.send('', [photo()]);
  await until(() => shown(tab).length === 2);
  expect(tab.state.messages.value.map(({ progress }) => progress)).toEqual([undefined, 0]);
  for (const { key } of tab.state.messages.value) tab.actions.discard(key);
  await until(() => shown(tab).length === 1);
  gateway.online = true;
  await until(() => gateway.messages.length === 1);
  expect(gateway.texts()).toEqual(['text alone']);
});

test('a wire that is lost is no concern of what goes up', async () => {
  await sending();
  for (const wire of [...gateway.wires]) wire.break(1006);
  await until(() => gateway.wires.size === 1);
  await pass(20_000);
  expect(requests[0]?.aborted).toBe(false);
  requests[0]?.answer(201, { file: 'handle' });
  await until(() => gateway.messages.length === 2);
  expect(requests).toHaveLength(1);
});

test('with the lead goes what goes up: the tab that leads now sends it', async () => {
  await sending();
  freezeAll();
  await openTab();
  await until(() => requests.length === 2);
  expect(requests.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('what never gets through is given up for what is behind it, and a retry begins anew', async () => {
  const tab = await sending();
  for (let n = 1; n <= 5; n++) {
    await until(() => requests.length === n);
    requests[n - 1]?.answer(0, null);
  }
  await until(() => gateway.texts()[0] === 'after it');
  await until(() => shown(tab)[1] === 'look (failed)');
  tab.actions.retry(tab.state.messages.value[1]!.key);
  await until(() => requests.length === 6);
  requests[5]?.answer(201, { file: 'handle' });
  await until(() => gateway.messages.length === 2);
});

test('without a network, or when the gateway asks for patience, nothing is given up', async () => {
  await sending();
  for (let n = 1; n <= 8; n++) {
    await until(() => requests.length === n);
    requests[n - 1]?.answer(429, { code: 'too_many' });
  }
  const offline = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  for (let n = 9; n <= 16; n++) {
    await until(() => requests.length === n);
    requests[n - 1]?.answer(0, null);
  }
  offline.mockRestore();
  await until(() => requests.length === 17);
  requests[16]?.answer(201, { file: 'handle' });
  await until(() => gateway.messages.length === 2);
});

test('while how to send it up cannot be loaded it waits, and then goes out in its turn', async () => {
  const fails = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')));
  vi.doMock('./uploads.js', fails);
  const tab = await openTab();
  tab.actions.send('look', [photo()]);
  tab.actions.send('after it');
  await until(() => fails.mock.calls.length > 0);
  vi.doUnmock('./uploads.js');
  await pass(4000);
  await until(() => requests.length === 1);
  requests[0]?.answer(201, { file: 'handle' });
  await until(() => gateway.texts().join() === 'look,after it');
});

test.each([0, 429, 503])('status %i: tried again later', async (status) => {
  await sending();
  requests[0]?.answer(status, { code: 'unavailable' });
  await until(() => requests.length === 2);
  requests[1]?.answer(201, { file: 'handle' });
  await until(() => gateway.messages.length === 2);
});

test('standing still for half a minute is a failure; moving slowly is none', async () => {
  await sending();
  for (let n = 1; n < 5; n++) {
    await pass(20_000);
    requests[0]?.upload.onprogress?.({ loaded: n, total: 6 });
  }
  expect(requests[0]?.aborted).toBe(false);
  await pass(31_000);
  expect(requests[0]?.aborted).toBe(true);
});
