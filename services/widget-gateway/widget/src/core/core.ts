/**
 * Puts the parts together: session, link, queue, store and tabs on one side, the state and the actions
 * of the screens on the other. Built once a page, by app.ts.
 *
 * Whatever happens is a piece of news that all tabs hear, the one where it happened included; so all
 * keep the same state, and what has to be done once is done by the tab that leads.
 */

import { createActions } from './actions.js';
import { type Kept, openDisk, type Row } from './disk.js';
import type { Identity, ServerFrame, Visitor } from './frames.js';
import { createLink } from './link.js';
import { createQueue } from './queue.js';
import { createSession } from './session.js';
import type { Actions, LinkState, State } from './state.js';
import { createStore, type Told } from './store.js';
import { createTabs } from './tabs.js';
import { rated, timeline } from './timeline.js';
import { upload } from './uploads.js';

const KEEP_AFTER_MS = 500;
const ACK_AFTER_MS = 300;
/** What makes the link worth a look. */
const STIRS = ['online', 'offline', 'focus', 'pageshow', 'visibilitychange'];

/** What the page's own scripts are told (api.ts), in every tab. */
export interface Telling {
  message(message: Told): void;
  identify(visitor: Visitor): void;
  error(code: string): void;
}

/** What a new tab is told of how it stands. */
type Standing = Pick<
  { [K in keyof State]: State[K]['value'] },
  'link' | 'present' | 'unavailable' | 'limits'
>;

interface NewsOf {
  frame: [ServerFrame];
  link: [LinkState];
  /** The queue on disk is another one, or a row could not be put there. */
  words: [Row?];
  progress: [ReturnType<ReturnType<typeof createQueue>['progress']>];
  saw: [conversation: string, seq: number];
  /** The token or the era is another one. */
  session: [];
  forgotten: [];
  identified: [Visitor];
  error: [string];
  /** A tab leads from now on. */
  lead: [];
  /** A tab is new, or looked at again; the one that leads answers `all`. */
  hi: [];
  all: [Kept, Standing];
  // Duties of the tab that leads:
  wake: [];
  identify: [Identity];
  typing: [];
  older: [];
}

type News = { [K in keyof NewsOf]: [K, ...NewsOf[K]] }[keyof NewsOf];

export interface Core {
  actions: Actions;
  identify(proof: Identity): void;
  reset(): void;
}

export async function createCore(state: State, base: string, telling: Telling): Promise<Core> {
  const { channel } = state.options.value;
  const name = `sluice:${channel}`;
  const store = createStore(base);
  let heed: { [K in keyof NewsOf]: (...news: NewsOf[K]) => void };
  const hear = ([kind, ...news]: News) => (heed[kind] as (...all: unknown[]) => void)(...news);
  const say = (...news: News) => {
    tabs.post(news);
    hear(news);
  };

  const session = createSession(base, channel, {
    changed: () => say('session'),
    forgotten: () => say('forgotten'),
    identified: (visitor) => say('identified', visitor),
    error: (code) => say('error', code),
  });
  let era = session.era();
  const disk = await openDisk(name, session.durable());
  state.durable.value = disk.durable;

  const tabs = createTabs<News>(name, disk, {
    news: hear,
    lead(leads) {
      state.leads.value = leads;
      if (!leads) return link.stop();
      woken = state.open.value;
      say('lead');
      queue.load();
      go();
    },
  });

  const queue = createQueue(disk, {
    era: session.era,
    ready: () => tabs.leads() && link.live(),
    send: (frame) => link.send(frame),
    doubt: () => link.hurry(),
    after: () => store.sorted().findLast(({ by }) => by === 'contact')?.at ?? lastDone(),
    changed: () => show(),
    progress: (progress) => say('progress', progress),
    tell: (row) => tabs.post(['words', row]),
    async upload(blob, named, progress, abort) {
      const token = await session.token(() => true);
      if (!token) return { status: 0 };
      const address = `${base}${channel}/files?name=${encodeURIComponent(named)}`;
      const answer = await upload(address, token, blob, progress, abort);
      if (answer.status === 401) {
        session.doubt();
        link.restart();
      }
      return answer;
    },
  });
  const lastDone = () => queue.rows().findLast(({ done }) => done)?.at;

  const link = createLink(base, channel, session, {
    cursors: store.cursors,
    wanted,
    frame: (frame) => say('frame', frame),
    state(next) {
      if (next !== state.link.value) say('link', next);
    },
    down(code) {
      store.lost();
      if (code === 4002) queue.poisoned();
      queue.halt();
    },
  });
  return null as never;
}
