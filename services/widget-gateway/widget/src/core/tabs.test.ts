/** What tabs tell one another, over hours and days. */

import { beforeEach, expect, test, vi } from 'vitest';
import { closePages, freezeAll, newBrowser, openTab, pass, shown, until } from '../test/browser.js';
import { CONVERSATION, Gateway } from '../test/gateway.js';
import { createTabs } from './tabs.js';

const DAY_MS = 24 * 3600_000;
let gateway: Gateway;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
});

/** So much later, as after a computer has slept. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);
const look = () => window.dispatchEvent(new Event('focus'));

/** A conversation that was read, in one tab. */
async function talk() {
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  gateway.answer('Hi');
  await until(() => shown(tab).length === 2);
  tab.actions.saw(tab.state.messages.value[1]!);
  await until(() => tab.state.unread.value === 0);
  await pass(1000);
  return tab;
}

test('a tab that is opened after a day shows the conversation, and so does the first', async () => {
  const first = await talk();
  sleep(DAY_MS + 3600_000);
  const second = await openTab();
  await until(() => shown(second).length === 2 && second.state.link.value === 'live');
  expect(shown(second)).toEqual(['Hello (sent)', 'user: Hi']);
  expect(shown(first)).toEqual(shown(second));
  expect(second.state.unread.value).toBe(0);
});

test('addresses of files that were told two days ago are told anew when somebody looks', async () => {
  const tab = await talk();
  const picture = { kind: 'image', file: { url: 'files/old' } };
  gateway.messages[1]!.parts = [picture];
  sleep(2 * DAY_MS);
  look();
  await until(() => tab.state.messages.value[1]?.parts[0]?.file !== undefined);
  expect(shown(tab)).toHaveLength(2);
  expect(tab.told).toEqual([['message', 'Hi']]);
});

test('after a day what was read is not unread, and who is known is not asked who they are', async () => {
  await talk();
  closePages(gateway);
  sleep(DAY_MS + 3600_000);
  gateway.online = false;
  const later = await openTab();
  await until(() => later.state.threads.value.length === 1);
  gateway.online = true;
  await until(() => shown(later).length === 2);
  expect(later.state.unread.value).toBe(0);
  expect(later.told).toEqual([]);
});

test('whoever scrolls up fetches what is missing in their tab', async () => {
  const early = [...Array(150).keys()].map((n) => ({
    id: `early ${n}`,
    conversation: CONVERSATION,
    seq: n + 1,
    at: new Date(Date.UTC(2025, 0, 1) + n).toISOString(),
    by: 'user' as const,
    parts: [{ kind: 'text', text: `early ${n}` }],
  }));
  gateway.messages = [...early];
  const all = await openTab();
  all.actions.open();
  await until(() => shown(all).length === 150);
  const end = await openTab();
  await until(() => shown(end).length === 100 && end.state.link.value === 'live');
  expect([all, end].map(({ state }) => state.older.value)).toEqual(['none', 'some']);
  end.actions.more();
  await until(() => shown(end).length === 150);
  expect(end.state.older.value).toBe('none');
  expect(gateway.heard.find((frame) => frame.t === 'older')).toMatchObject({ before: 51 });
});

test('a word takes the lead from a tab that sleeps', async () => {
  const [sleeps, writes] = [await talk(), await openTab()];
  await until(() => writes.state.link.value === 'live');
  freezeAll();
  writes.actions.send('two');
  await until(() => gateway.texts().includes('two'), 10_000);
  expect([sleeps, writes].map(({ state }) => state.leads.value)).toEqual([false, true]);
});

test('what tabs say that do not lead is no sign that the one that leads is awake', async () => {
  const leads: string[] = [];
  const join = (who: string) => {
    const tabs = createTabs<string>('a site', true, {
      news: () => {},
      lead: (now) => now && leads.push(who),
    });
    tabs.join();
    return tabs;
  };
  const [first, second, third] = [join('first'), join('second'), join('third')];
  await until(() => first.leads());
  second.expect();
  third.post('noise');
  first.post('awake');
  await pass(5000);
  second.expect();
  third.post('noise');
  await until(() => second.leads());
  expect(leads).toEqual(['first', 'second']);
});

test('mute is heard by all tabs, and outlives them', async () => {
  const [a, b] = [await openTab(), await openTab()];
  b.actions.mute(true);
  await until(() => a.state.muted.value);
  await pass(1000);
  closePages(gateway);
  const later = await openTab();
  expect(later.state.muted.value).toBe(true);
  await until(() => later.state.leads.value);
  later.actions.mute(false);
  await pass(1000);
  closePages(gateway);
  expect((await openTab()).state.muted.value).toBe(false);
});

test('the screen may say what is on it as often as it likes: it is told once', async () => {
  const tab = await talk();
  const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
  for (let turn = 0; turn < 5; turn++) tab.actions.saw(tab.state.messages.value[1]!);
  expect(post).not.toHaveBeenCalled();
});
