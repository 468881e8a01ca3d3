/** When the link comes back, by what, and how soon: the table of docs/widget/protocol.md. */

import { beforeEach, expect, test, vi } from 'vitest';
import { newBrowser, openTab, pass, until } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';

let gateway: Gateway;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
});

async function live() {
  const tab = await openTab();
  tab.actions.open();
  await until(() => tab.state.link.value === 'live');
  return tab;
}

const cut = (code: number) => {
  for (const wire of [...gateway.wires]) wire.break(code);
};
const back = () => [...gateway.wires].filter(({ token }) => token).length === 1;

test.each([
  // code, not back before, back within (ms)
  [1006, 0, 1500],
  [1012, 0, 3500],
  [1013, 0, 3500],
  [4002, 29_000, 34_000],
  [4008, 0, 3500],
  [4029, 9000, 14_000],
])('%i: back after %i to %i ms', async (code, least, most) => {
  await live();
  cut(code);
  await pass(least);
  if (least) expect(back()).toBe(false);
  await pass(most - least);
  expect(back()).toBe(true);
});

test.each([1012, 1013])(
  '%i again and again: back ever more slowly, and never by poll',
  async (code) => {
    await import('./transport/posting.js'); // so that it would not be for want of it
    const middle = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    await live();
    gateway.closing = code;
    const before = gateway.dials;
    cut(code);
    await pass(120_000);
    middle.mockRestore();
    // After 1.5, 3, 6, 12 seconds, then every 15.
    expect(gateway.dials - before).toBeGreaterThan(5);
    expect(gateway.dials - before).toBeLessThan(15);
    expect(gateway.requests).not.toContain('POST poll');
  },
);

test('a first lost wire is not called offline, a second is', async () => {
  const tab = await live();
  gateway.online = false;
  cut(1006);
  await until(() => tab.state.link.value !== 'live');
  expect(tab.state.link.value).toBe('connecting');
  await until(() => tab.state.link.value === 'offline', 3000);
});

test('4009: not before it is looked at', async () => {
  await live();
  cut(4009);
  await pass(300_000);
  expect(back()).toBe(false);
  dispatchEvent(new Event('focus'));
  await until(back);
});

test('4004: asks for a session with the token, and goes on with the new one', async () => {
  await live();
  const before = gateway.requests.length;
  cut(4004);
  await until(back);
  expect(gateway.requests.slice(before)).toEqual(['POST sessions']);
  expect([...gateway.wires][0]?.token).toBe([...gateway.tokens.keys()].at(-1));
});

test('away for long, it never gives up, and is back at once when the network is', async () => {
  const tab = await live();
  gateway.online = false;
  cut(1006);
  await pass(600_000);
  expect(tab.state.link.value).toBe('offline');
  gateway.online = true;
  dispatchEvent(new Event('online'));
  await pass(200);
  expect(tab.state.link.value).toBe('live');
});

test('a wire that died silently is noticed within three seconds of a look', async () => {
  const tab = await live();
  const [dead] = gateway.wires;
  dead!.send = () => {};
  dead!.tell = () => {};
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  await pass(2500);
  expect(tab.state.link.value).toBe('live');
  await until(() => back() && ![...gateway.wires].includes(dead!), 3000);
});

test('a wire nobody looks at is dead after a minute of silence', async () => {
  await live();
  const [dead] = gateway.wires;
  dead!.send = () => {};
  await pass(55_000);
  expect(gateway.wires.has(dead!)).toBe(true);
  await until(() => !gateway.wires.has(dead!), 15_000);
});

test('a wire of a hidden tab, whose timers run once a minute, is not taken for dead', async () => {
  const often = setInterval;
  vi.stubGlobal('setInterval', (work: () => void) => often(work, 60_000));
  await live();
  const [wire] = gateway.wires;
  await pass(50_000);
  gateway.answer('ten seconds before the timer');
  await pass(300_000);
  expect(gateway.wires.has(wire!)).toBe(true);
  wire!.send = () => {};
  await until(() => !gateway.wires.has(wire!), 185_000);
});

test('a clock that is set back stops no pings', async () => {
  await live();
  vi.setSystemTime(Date.now() - 3600_000);
  await pass(32_000);
  expect(gateway.heard.filter(({ t }) => t === 'ping').length).toBe(1);
});

test('it pings after 25 silent seconds', async () => {
  await live();
  await pass(32_000);
  expect(gateway.heard.filter(({ t }) => t === 'ping').length).toBe(1);
});

test('two sockets in vain: the long poll, and a socket again after two minutes', async () => {
  gateway.sockets = false;
  const tab = await openTab();
  tab.actions.send('by poll');
  await until(() => gateway.messages.length === 1);
  expect(gateway.requests).toContain('POST frames');
  gateway.answer('heard by poll');
  await until(() => tab.state.messages.value.length === 2);
  gateway.sockets = true;
  await pass(60_000);
  expect(back()).toBe(false);
  await until(back);
  const polls = gateway.requests.filter((one) => one === 'POST poll').length;
  await pass(60_000);
  expect(gateway.requests.filter((one) => one === 'POST poll').length).toBeLessThanOrEqual(polls);
});

test('offline is no proxy: sockets are tried again when polls do not get through either', async () => {
  gateway.online = false;
  const tab = await openTab();
  tab.actions.open();
  await pass(40_000);
  gateway.online = true;
  dispatchEvent(new Event('online'));
  await until(() => tab.state.link.value === 'live', 5000);
  await until(back, 125_000);
});

test('a page that forbids sockets is served by the long poll', async () => {
  vi.stubGlobal('WebSocket', function forbidden() {
    throw new DOMException('blocked', 'SecurityError');
  });
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => gateway.messages.length === 1);
});

test('a frame too long for a socket is posted', async () => {
  const ready = gateway.ready();
  gateway.ready = () => ({ ...ready, max_text: 1_000_000 }) as never;
  const tab = await live();
  expect(tab.actions.send('x'.repeat(70_000))).toBeNull();
  await until(() => gateway.messages.length === 1);
  expect(gateway.requests).toContain('POST frames');
});

test('while that cannot be loaded it waits, and then goes out in its turn', async () => {
  const ready = gateway.ready();
  gateway.ready = () => ({ ...ready, max_text: 1_000_000 }) as never;
  const fails = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')));
  vi.doMock('./transport/posting.js', fails);
  const tab = await live();
  tab.actions.send('x'.repeat(70_000));
  tab.actions.send('behind it');
  await until(() => fails.mock.calls.length > 0);
  vi.doUnmock('./transport/posting.js');
  await pass(4000);
  await until(() => gateway.texts()[1] === 'behind it');
  expect(gateway.texts()[0]).toHaveLength(70_000);
});

test('a proof is presented once, however often the link is stirred', async () => {
  const tab = await live();
  const before = gateway.requests.length;
  tab.identify({ user_id: 'ann', exp: 0, nonce: 'n', hmac: 'h' });
  for (let n = 0; n < 5; n++) dispatchEvent(new Event('focus'));
  await until(() => tab.state.visitor.value?.user_id === 'ann');
  await until(back);
  expect(gateway.requests.slice(before)).toEqual(['POST sessions']);
});
