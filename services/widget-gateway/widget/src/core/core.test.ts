/** The whole core against a gateway in memory: what a visitor may expect, whatever happens. */

import { beforeEach, expect, test, vi } from 'vitest';
import { closePages, freezeAll, newBrowser, openTab, pass, shown, until } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';
import type { Say } from './frames.js';

let gateway: Gateway;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
});

test('a visitor who never opens the panel costs neither session nor socket', async () => {
  const tab = await openTab();
  await pass(60_000);
  expect(gateway.requests).toEqual([]);
  expect(gateway.wires.size).toBe(0);
  expect(tab.state.link.value).toBe('idle');
});

test('a word is sent, told by history, and answered', async () => {
  const tab = await openTab();
  expect(tab.actions.send('Hello')).toBeNull();
  expect(shown(tab)).toEqual([]);
  await until(() => shown(tab)[0] === 'Hello (sent)');
  gateway.answer('Hi there');
  await until(() => shown(tab).length === 2);
  expect(shown(tab)).toEqual(['Hello (sent)', 'user: Hi there']);
  expect(tab.state.unread.value).toBe(1);
  expect(tab.told).toEqual([['message', 'Hi there']]);
  tab.actions.saw(tab.state.messages.value[1]!);
  await until(() => tab.state.unread.value === 0);
  await until(() => gateway.heard.some((frame) => frame.t === 'ack' && frame.read === 2));
});

test('what was written offline survives the page and is sent in order', async () => {
  gateway.online = false;
  const before = await openTab();
  for (const word of ['one', 'two', 'three']) before.actions.send(word);
  await until(() => shown(before).length === 3);
  await pass(2000);
  closePages(gateway);
  gateway.online = true;
  const after = await openTab();
  await until(() => gateway.messages.length === 3);
  expect(gateway.texts()).toEqual(['one', 'two', 'three']);
  await until(() => shown(after).every((line) => line.endsWith('(sent)')));
});

test('history is painted from disk before there is a link', async () => {
  const before = await openTab();
  before.actions.send('Hello');
  await until(() => shown(before)[0] === 'Hello (sent)');
  gateway.answer('Hi');
  await until(() => shown(before).length === 2);
  await pass(2000);
  closePages(gateway);
  gateway.online = false;
  const after = await openTab();
  await until(() => shown(after).length === 2);
  expect(shown(after)).toEqual(['Hello (sent)', 'user: Hi']);
});

test.each([...Array(12).keys()])(
  'nothing is lost, doubled or turned: drops of seed %i',
  async (seed) => {
    let state = seed * 2654435761 + 1;
    gateway.random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    gateway.faults = { lostUp: 3, lostDown: 3 };
    let tab = await openTab();
    const said = [...Array(12).keys()].map((n) => `word ${n}`);
    for (const [n, word] of said.entries()) {
      tab.actions.send(word);
      await pass(gateway.random() * 1500);
      if (n === 6) {
        await pass(100); // a keystroke's time: the word is on disk
        closePages(gateway);
        tab = await openTab();
      }
    }
    await until(() => gateway.messages.length >= said.length, 600_000);
    await until(() => shown(tab).every((line) => line.endsWith('(sent)')), 600_000);
    expect(gateway.texts()).toEqual(said);
    expect(shown(tab)).toEqual(said.map((word) => `${word} (sent)`));
    expect(gateway.heard.filter(({ t }) => t === 'message').length).toBeGreaterThan(said.length);
  },
);

test('a repeat brings the time it was given, and names the one before until then', async () => {
  const tab = await openTab();
  tab.actions.send('first');
  await until(() => shown(tab)[0] === 'first (sent)');
  gateway.faults = { lostUp: 0, lostDown: 1 };
  gateway.random = () => 0;
  tab.actions.send('second');
  await until(() => gateway.messages.length === 2);
  // The answer was lost: no time is known, so the repeat names the message before.
  gateway.faults = { lostUp: 0, lostDown: 0 };
  await until(() => shown(tab)[1] === 'second (sent)');
  const [, second] = gateway.heard.filter((frame) => frame.t === 'message');
  expect(second).toMatchObject({ after: gateway.messages[0]!.at });
});

test('unanswered, it is sent again after fifteen seconds with time and mark', async () => {
  const tab = await openTab();
  const hear = gateway.hear.bind(gateway);
  const said: Say[] = [];
  const time = { at: '2026-01-01T00:00:00.500Z', mark: 'a mark' };
  gateway.hear = (frame) => {
    if (frame.t !== 'message') return hear(frame);
    said.push(frame);
    return said.length === 1 ? [{ t: 'taken', id: frame.id, ...time }] : hear(frame);
  };
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  expect(said).toHaveLength(2);
  expect(said[0]).not.toHaveProperty('mark');
  expect(said[1]).toMatchObject({ id: said[0]!.id, ...time });
  expect(gateway.messages[0]?.at).toBe(time.at);
});

test('refused for good, it is shown as failed and the next goes on; retry and discard', async () => {
  const never = { t: 'refused' as const, code: 'too_long', message: 'Too long.' };
  gateway.refusals.set('bad', never).set('worse', never);
  const tab = await openTab();
  for (const word of ['bad', 'worse', 'good']) tab.actions.send(word);
  await until(() => shown(tab).includes('good (sent)') && shown(tab).includes('worse (failed)'));
  expect(shown(tab)).toEqual(['good (sent)', 'bad (failed)', 'worse (failed)']);
  const [, bad, worse] = tab.state.messages.value;
  expect(bad?.problem).toBe('too_long');
  tab.actions.discard(worse!.key);
  gateway.refusals.clear();
  tab.actions.retry(bad!.key);
  await until(() => shown(tab).includes('bad (sent)'));
  expect(shown(tab)).toEqual(['good (sent)', 'bad (sent)']);
});

test('refused for now, it waits as long as it was told, and what is behind it waits too', async () => {
  gateway.refusals.set('one', {
    t: 'refused',
    code: 'unavailable',
    message: 'Later.',
    retry_s: 5,
  });
  const tab = await openTab();
  tab.actions.send('one');
  tab.actions.send('two');
  await until(() => gateway.heard.some(({ t }) => t === 'message'));
  await pass(4000);
  expect(gateway.heard.filter(({ t }) => t === 'message')).toHaveLength(1);
  expect(shown(tab)).toEqual(['one (sending)', 'two (sending)']);
  gateway.refusals.clear();
  await until(() => gateway.messages.length === 2);
  expect(gateway.texts()).toEqual(['one', 'two']);
});

test('two tabs have one socket, say in order, and show the same', async () => {
  const [a, b] = [await openTab(), await openTab()];
  expect([a, b].map(({ state }) => state.leads.value)).toEqual([true, false]);
  b.actions.send('from b');
  await until(() => gateway.messages.length === 1);
  a.actions.send('from a');
  await until(() => gateway.messages.length === 2);
  gateway.answer('to both');
  await until(() => shown(a).length === 3 && shown(b).length === 3);
  expect(gateway.wires.size).toBe(1);
  expect(shown(a)).toEqual(['from b (sent)', 'from a (sent)', 'user: to both']);
  expect(shown(b)).toEqual(shown(a));
  b.actions.saw(b.state.messages.value[2]!);
  await until(() => a.state.unread.value === 0);
});

test('a tab that comes later is told how it stands', async () => {
  const a = await openTab();
  a.actions.send('Hello');
  await until(() => shown(a)[0] === 'Hello (sent)');
  const b = await openTab();
  await until(() => shown(b).length === 1 && b.state.link.value === 'live');
  expect(b.state.limits.value).toEqual({ text: 1000, file: 5000 });
  expect(gateway.wires.size).toBe(1);
});

test('a frozen tab loses the lead to one that is looked at', async () => {
  const a = await openTab();
  a.actions.send('one');
  await until(() => gateway.messages.length === 1);
  freezeAll();
  const b = await openTab();
  await until(() => b.state.leads.value);
  expect(a.state.leads.value).toBe(false);
  b.actions.send('two');
  await until(() => gateway.messages.length === 2);
  expect(gateway.texts()).toEqual(['one', 'two']);
  expect(gateway.wires.size).toBe(1);
});

test('reset in one tab leaves nothing in any', async () => {
  const [a, b] = [await openTab(), await openTab()];
  a.actions.send('secret');
  await until(() => shown(b)[0] === 'secret (sent)');
  await pass(1000);
  const token = [...gateway.tokens.keys()].at(-1)!;
  b.reset();
  await until(() => gateway.ended.has(token));
  await until(() => shown(a).length === 0 && shown(b).length === 0);
  await pass(2000);
  expect(localStorage.getItem('sluice:acme')).not.toContain('token');
  gateway.messages = [];
  closePages(gateway);
  const c = await openTab();
  await pass(2000);
  expect(shown(c)).toEqual([]);
  expect(c.state.visitor.value).toBeNull();
  expect(gateway.wires.size).toBe(0);
});

test('what is written right after reset() stays, and goes out as another visitor', async () => {
  const [a, b] = [await openTab(), await openTab()];
  a.actions.send('before');
  await until(() => gateway.messages.length === 1);
  b.reset();
  b.actions.send('after');
  await until(() => gateway.messages.length === 2);
  expect(gateway.texts()).toEqual(['before', 'after']);
  const visitors = new Set([...gateway.tokens.values()].map(({ visitor }) => visitor));
  expect(visitors.size).toBe(2);
});

test('identify keeps the visitor and their words; another user begins anew', async () => {
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  const { id } = tab.state.visitor.value!;
  const proof = { exp: 0, nonce: 'n', hmac: 'h' };
  tab.identify({ user_id: 'ann', ...proof });
  await until(() => tab.state.visitor.value?.user_id === 'ann');
  expect(tab.state.visitor.value?.id).toBe(id);
  expect(shown(tab)).toEqual(['Hello (sent)']);
  expect(tab.told.at(-1)?.[0]).toBe('identify');
  gateway.messages = [];
  tab.identify({ user_id: 'bob', ...proof });
  await until(() => tab.state.visitor.value?.user_id === 'bob');
  expect(tab.state.visitor.value?.id).not.toBe(id);
  await until(() => shown(tab).length === 0);
});

test('a refused proof is told and leaves the session as it is', async () => {
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  tab.identify({ user_id: 'nobody', exp: 0, nonce: 'n', hmac: 'h' });
  await until(() => tab.told.length > 0);
  expect(tab.told).toEqual([['error', 'identity_refused']]);
  await until(() => tab.state.link.value === 'live');
  expect(shown(tab)).toEqual(['Hello (sent)']);
});

test('an anonymous session that is refused is begun anew, and the unsent goes with the new one', async () => {
  const tab = await openTab();
  tab.actions.send('one');
  await until(() => gateway.messages.length === 1);
  gateway.tokens.clear();
  gateway.messages = [];
  for (const wire of [...gateway.wires]) wire.break(4004);
  tab.actions.send('two');
  await until(() => gateway.messages.length === 1);
  expect(gateway.texts()).toEqual(['two']);
});

test('a session ended elsewhere is forgotten, and begun anew with the next word alone', async () => {
  const tab = await openTab();
  tab.actions.send('one');
  await until(() => shown(tab)[0] === 'one (sent)');
  gateway.messages = [];
  gateway.end(tab.state.visitor.value ? [...gateway.tokens.keys()].at(-1)! : '');
  await until(() => shown(tab).length === 0);
  const before = gateway.requests.length;
  await pass(60_000);
  expect(gateway.requests.length).toBe(before);
  tab.actions.send('two');
  await until(() => gateway.texts()[0] === 'two');
});

test('an unavailable chat says so and stops', async () => {
  const tab = await openTab();
  gateway.ready = () => ({ t: 'unavailable', message: 'Closed.' });
  tab.actions.open();
  await until(() => tab.state.unavailable.value === 'Closed.');
  const before = gateway.requests.length;
  tab.actions.send('Hello');
  await pass(60_000);
  expect(gateway.requests.length).toBe(before);
});

/** Whether the browser would ask before it leaves the page. */
function asksToStay(): boolean {
  const leaving = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}

test('a browser that keeps nothing still sends, and asks before unsent words are lost', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const denied = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: denied, setItem: denied });
  gateway.online = false;
  const tab = await openTab();
  tab.actions.send('one');
  tab.actions.send('two');
  await until(() => shown(tab).length === 2);
  expect(asksToStay()).toBe(true);
  gateway.online = true;
  await until(() => shown(tab)[1] === 'two (sent)');
  expect(asksToStay()).toBe(false);
  expect(gateway.texts()).toEqual(['one', 'two']);
  tab.reset();
  await until(() => shown(tab).length === 0 && tab.state.visitor.value === null);
  vi.unstubAllGlobals();
});

test('a full disk sends out of memory, from whichever tab wrote', async () => {
  const [a, b] = [await openTab(), await openTab()];
  const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  a.actions.send('from a');
  await until(() => gateway.messages.length === 1);
  b.actions.send('from b');
  await until(() => gateway.messages.length === 2);
  add.mockRestore();
  expect(gateway.texts()).toEqual(['from a', 'from b']);
});

test('stars are shown at once, sent, and not sent again', async () => {
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  gateway.threadOpen = false;
  gateway.answer('Bye');
  await until(() => tab.state.threads.value[0]?.open === false);
  tab.actions.rate(tab.state.threads.value[0]!.id, 5, 'Great');
  await until(() => tab.state.threads.value[0]?.rating === 5);
  await until(() => gateway.heard.some(({ t }) => t === 'rate'));
  await pass(60_000);
  const rates = gateway.heard.filter(({ t }) => t === 'rate');
  expect(rates).toEqual([expect.objectContaining({ score: 5, comment: 'Great' })]);
});

test('where the visitor is and what they filled in go with what begins a conversation', async () => {
  const tab = await openTab();
  tab.actions.introduce({ email: 'ann@example.org' });
  tab.actions.send('first');
  await until(() => shown(tab)[0] === 'first (sent)');
  tab.actions.send('second');
  await until(() => gateway.messages.length === 2);
  const [first, second] = gateway.heard.filter((frame) => frame.t === 'message');
  expect(first).toMatchObject({
    lead: { email: 'ann@example.org' },
    page: { url: location.href },
  });
  expect(second).not.toHaveProperty('lead');
  expect(second).not.toHaveProperty('page');
});

test('typing is told at most once in three seconds', async () => {
  const tab = await openTab();
  tab.actions.open();
  await until(() => tab.state.link.value === 'live');
  for (let key = 0; key < 40; key++) {
    tab.actions.type();
    await pass(100);
  }
  expect(gateway.heard.filter(({ t }) => t === 'typing')).toHaveLength(2);
});

test('without locks every tab sends for itself, and nothing is doubled', async () => {
  newBrowser(gateway, { locks: false });
  const a = await openTab();
  a.actions.send('from a');
  await until(() => gateway.messages.length === 1);
  const b = await openTab();
  b.actions.send('from b');
  await until(() => gateway.messages.length === 2 && gateway.wires.size === 2);
  expect(gateway.texts()).toEqual(['from a', 'from b']);
});

const files = (count: number) => Array.from({ length: count }, () => new File(['x'], 'a'));

test.each([
  ['', [], 'empty'],
  ['  ', [], 'empty'],
  ['x'.repeat(1001), [], 'too_long'],
  ['', [new File(['x'.repeat(5001)], 'a.txt')], 'file_too_big'],
  ['', files(11), 'too_many_files'],
  ['x', files(10), 'too_many_files'],
  ['x', files(9), null],
  ['', files(10), null],
])('send answers what is wrong: %#', async (text, files, problem) => {
  const tab = await openTab();
  tab.actions.open();
  await until(() => tab.state.link.value === 'live');
  gateway.online = false; // the bounds are known; nothing goes up from here
  for (const wire of [...gateway.wires]) wire.break(1006);
  await until(() => tab.state.link.value !== 'live');
  expect(tab.actions.send(text, files)).toBe(problem);
});
