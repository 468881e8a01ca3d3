/**
 * Puts the parts together: session, link, queue, store and tabs on one side, the state and the actions
 * of the screens on the other. Built once a page, by app.ts.
 *
 * Whatever happens is a piece of news that all tabs hear; so all keep the same state, and what has to
 * be done once is done by the tab that leads.
 */

import { createActions } from './actions.js';
import { openDisk } from './disk.js';
import type { Identity } from './frames.js';
import { createHearing, type Tell } from './hearing.js';
import { createLink } from './link.js';
import type { Announce, Heed, News } from './news.js';
import { createQueue, type Queue } from './queue.js';
import { createSession, type Session } from './session.js';
import type { Actions, State } from './state.js';
import { createStore } from './store.js';
import { createTabs } from './tabs.js';

/** What makes the link worth a look. */
const STIRS = ['online', 'offline', 'focus', 'pageshow', 'visibilitychange'];

export interface Core {
  actions: Actions;
  identify(proof: Identity): void;
  reset(): void;
}

export async function createCore(state: State, base: string, tell: Tell): Promise<Core> {
  const { channel } = state.options.value;
  const address = base + channel;
  const name = `sluice:${channel}`;
  let heed: Heed;
  const hear = ([topic, ...told]: News) => (heed[topic] as (...all: unknown[]) => void)(...told);
  const say: Announce = (...news) => {
    tabs.post(news);
    hear(news);
  };

  const session = createSession(address, name, say);
  const disk = await openDisk(name, session.durable());
  const store = createStore(base);
  const tabs = createTabs<News>(name, disk.durable, {
    news: hear,
    lead(leads) {
      if (!leads) queue.halt();
      hearing.lead(leads);
    },
  });
  const queue: Queue = createQueue(disk, say, {
    era: session.era,
    ready: () => tabs.leads() && link.live(),
    send: (frame) => link.send(frame),
    doubt: () => link.hurry(),
    after: () => hearing.lastSaid(),
    changed: () => hearing.show(),
    tell: () => tabs.post(['words']),
    alone() {
      tabs.seize();
      addEventListener('beforeunload', leaving);
    },
    // Few visitors send files: how to is loaded when one does.
    upload: (...file) =>
      import('./uploads.js')
        .then(({ upload }) => upload(address, session, link, ...file))
        .catch(() => ({})),
  });
  /** Words the disk would not take go with the page: the browser asks first. */
  const leaving = (event: Event) => queue.waits() && event.preventDefault();
  const link = createLink(address, session, say, {
    cursors: () => hearing.cursors(),
    wanted: () => hearing.wanted(),
    state(now) {
      if (now !== 'live') {
        store.lost();
        queue.lost();
      }
      if (tabs.leads() && now !== state.link.value) say('is', 'link', now);
    },
  });
  const hearing = createHearing({ state, session, disk, store, queue, link, tabs, tell });
  heed = hearing.heed;

  const kept = await disk.kept().catch(() => undefined);
  if (kept) hearing.remember(kept);
  await queue.load();
  tabs.join();
  stirred(session, () => hearing.stir());
  hearing.stir();

  const actions = createActions({ state, queue, era: session.era, older: store.older, say });
  return {
    actions,
    // A plain copy, for the other tabs: of a promise nothing is left, which is refused.
    identify: (proof) => say('identify', JSON.parse(JSON.stringify({ ...proof }))),
    reset: () => session.end(),
  };
}

/** When somebody looks, or the network comes or goes; or another tab has changed the session. */
function stirred(session: Session, stir: () => void): void {
  for (const event of STIRS) addEventListener(event, () => document.hidden || stir());
  addEventListener('storage', ({ key }) => (key ?? session.key) === session.key && stir());
}
