/** What the queue does when the disk fails it, when the wire is changed under it, and what it gives back. */

import { beforeEach, expect, test, vi } from 'vitest';
import { newBrowser, openTab, pass, shown, until } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';

let gateway: Gateway;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
});

const said = () => gateway.heard.filter(({ t }) => t === 'message');

test('a reading of the disk that fails takes no word away', async () => {
  gateway.online = false;
  const [a, b] = [await openTab(), await openTab()];
  a.actions.send('one');
  await until(() => shown(a).length === 1);
  const read = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
    throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
  });
  b.actions.send('two'); // has a read the disk
  await pass(500);
  expect(shown(a)).toEqual(['one (sending)']);
  gateway.online = true;
  await until(() => gateway.texts()[0] === 'one');
  read.mockRestore();
  b.actions.send('three');
  await until(() => gateway.messages.length === 3);
  expect(gateway.texts()).toEqual(['one', 'two', 'three']);
});

test('after reset() what was unsent is neither shown nor sent, though the disk never answers', async () => {
  gateway.online = false;
  const tab = await openTab();
  tab.actions.send('secret');
  await until(() => shown(tab).length === 1);
  const stuck = vi
    .spyOn(IDBDatabase.prototype, 'transaction')
    .mockImplementation(
      () => ({ objectStore: () => ({ getAll: () => ({}) }) }) as unknown as IDBTransaction,
    );
  tab.reset();
  await until(() => shown(tab).length === 0);
  gateway.online = true;
  tab.actions.open();
  await until(() => tab.state.link.value === 'live');
  await pass(5000);
  expect(gateway.messages).toEqual([]);
  stuck.mockRestore();
});

/** The gateway hears a word and does not answer it, once. */
function deafOnce(): void {
  const hear = gateway.hear.bind(gateway);
  gateway.hear = (frame) => {
    if (frame.t !== 'message') return hear(frame);
    gateway.hear = hear;
    gateway.heard.push(frame);
    return [];
  };
}

test('under another token what was not answered is said again at once', async () => {
  const tab = await openTab();
  deafOnce();
  tab.actions.send('Hello');
  await until(() => said().length === 1);
  tab.identify({ user_id: 'ann', exp: 0, nonce: 'n', hmac: 'h' });
  await until(() => gateway.messages.length === 1, 3000);
});

test('a word that may be with the gateway cannot be taken back', async () => {
  const tab = await openTab();
  deafOnce();
  tab.actions.send('Hello');
  await until(() => said().length === 1);
  tab.actions.discard(tab.state.messages.value[0]!.key);
  await pass(500);
  expect(shown(tab)).toEqual(['Hello (sending)']);
  await until(() => gateway.messages.length === 1);
});
