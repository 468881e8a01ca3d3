/** Who the visitor is, when proofs, logouts and lost answers come at bad moments. */

import { beforeEach, expect, test } from 'vitest';
import { closePages, newBrowser, openTab, pass, shown, until } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';

let gateway: Gateway;

beforeEach(() => {
  gateway = new Gateway();
  newBrowser(gateway);
});

const proof = (user_id: string) => ({ user_id, exp: 0, nonce: 'n', hmac: 'h' });

/** From now on requests take so long; answers what brings the answers at once again. */
function slowly(ms: number): () => void {
  const at = gateway.fetch;
  gateway.fetch = async (...all) => {
    const answer = await at(...all);
    await new Promise((next) => setTimeout(next, ms));
    return answer;
  };
  newBrowser(gateway);
  return () => {
    gateway.fetch = at;
  };
}

test('who logs out while their proof is on its way is nobody afterwards', async () => {
  slowly(1000);
  const tab = await openTab();
  tab.identify(proof('ann'));
  await until(() => gateway.tokens.size === 1);
  tab.reset();
  await pass(10_000);
  expect(tab.state.visitor.value).toBeNull();
  expect(tab.told).toEqual([]);
  tab.actions.send('of the next one');
  await until(() => tab.state.visitor.value !== null);
  expect(tab.state.visitor.value?.user_id).toBeNull();
});

test('a second proof is heeded though the first is still on its way', async () => {
  slowly(1000);
  const [leads, follows] = [await openTab(), await openTab()];
  follows.identify(proof('ann'));
  await until(() => gateway.tokens.size === 1);
  follows.identify(proof('bob'));
  await until(() => leads.state.visitor.value?.user_id === 'bob');
  await until(() => follows.state.visitor.value?.user_id === 'bob');
  const heeded = leads.told.map(([event, about]) => [
    event,
    (about as { user_id: string }).user_id,
  ]);
  expect(heeded).toEqual([
    ['identify', 'ann'],
    ['identify', 'bob'],
  ]);
});

test('a proof outlives the refusal of an old session of the same user', async () => {
  const tab = await openTab();
  tab.identify(proof('ann'));
  await until(() => tab.state.visitor.value?.user_id === 'ann');
  closePages(gateway);
  gateway.tokens.clear(); // a week has passed
  const later = await openTab();
  later.identify(proof('ann'));
  await until(() => later.told.length > 0);
  expect(later.told[0]?.[0]).toBe('identify');
  expect(later.state.visitor.value?.user_id).toBe('ann');
});

test('a lost answer to a proof is asked for again with the same token, and nothing is forgotten', async () => {
  const tab = await openTab();
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
  const asked: object[] = [];
  const session = gateway.session.bind(gateway);
  gateway.session = (body) => {
    asked.push(body);
    if (asked.length > 1) return session(body);
    throw new TypeError('Failed to fetch');
  };
  tab.identify(proof('ann'));
  await until(() => tab.state.visitor.value?.user_id === 'ann');
  expect(asked[1]).toEqual(asked[0]);
  expect(shown(tab)).toEqual(['Hello (sent)']);
});

test.each([
  ['a promise nobody awaited', Promise.resolve(proof('ann'))],
  ['one within', { jwt: Promise.resolve('') }],
  ['nothing', undefined],
])('what is no proof is refused and harms nothing: %s', async (_, given) => {
  gateway.session = (
    (session) => (body) =>
      body.identity && !('hmac' in body.identity)
        ? { status: 400, code: 'malformed' }
        : session(body)
  )(gateway.session.bind(gateway));
  const tab = await openTab();
  tab.identify(given as never);
  await until(() => tab.told.length > 0);
  expect(tab.told).toEqual([['error', 'malformed']]);
  tab.actions.send('Hello');
  await until(() => shown(tab)[0] === 'Hello (sent)');
});

test('cleared data of the site is not brought back by a tab that is open', async () => {
  const [tab, other] = [await openTab(), await openTab()];
  tab.identify(proof('ann'));
  tab.actions.send('secret');
  await until(() => shown(other)[0] === 'secret (sent)');
  localStorage.clear();
  window.dispatchEvent(new StorageEvent('storage', { key: null }));
  await until(() => shown(tab).length === 0 && shown(other).length === 0);
  await pass(5000);
  expect(localStorage.getItem('sluice:acme')).not.toContain('token');
  expect(tab.state.visitor.value).toBeNull();
  expect(gateway.wires.size).toBe(0);
});

test('what was filled in before the chat is known to other tabs and pages, not to who comes next', async () => {
  const lead = { name: 'Ann' };
  const [tab, other] = [await openTab(), await openTab()];
  other.actions.introduce(lead);
  await until(() => tab.state.lead.value !== null);
  await pass(1000);
  closePages(gateway);
  const later = await openTab();
  await until(() => later.state.lead.value !== null);
  expect(later.state.lead.value).toEqual(lead);
  later.reset();
  await pass(1000);
  closePages(gateway);
  const next = await openTab();
  await pass(1000);
  expect(next.state.lead.value).toBeFalsy();
});

test('the era is another one after reset(), and nobody comes the way of the one before', async () => {
  const tab = await openTab();
  const before = tab.state.era.value;
  tab.actions.send('first');
  await until(() => shown(tab)[0] === 'first (sent)');
  tab.reset();
  expect(tab.state.era.value).not.toBe(before);
  gateway.messages = [];
  tab.actions.send('of the next one');
  await until(() => gateway.messages.length === 1);
  const pages = gateway.heard.flatMap((frame) => (frame.t === 'message' ? [frame.page] : []));
  expect(pages[0]).toMatchObject({ landing: location.href, referrer: '' });
  expect(pages[1]).not.toHaveProperty('landing');
  expect(pages[1]).not.toHaveProperty('referrer');
});
