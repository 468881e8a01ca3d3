/**
 * What every piece of news changes in this tab (news.ts), and what the tab that leads does about it.
 */

import type { Disk, Kept, Row } from './disk.js';
import type { ServerFrame, Visitor } from './frames.js';
import type { Link } from './link.js';
import { type Heed, type News, STANDING } from './news.js';
import type { Queue } from './queue.js';
import type { Session } from './session.js';
import type { Signal } from './signal.js';
import type { State } from './state.js';
import type { Store, Told } from './store.js';
import type { Tabs } from './tabs.js';
import { rated, timeline } from './timeline.js';

const KEEP_AFTER_MS = 500;
const ACK_AFTER_MS = 300;
const DAY_MS = 24 * 3600_000;

/** Tells the page's own scripts (api.ts), in every tab. */
export type Tell = <E extends keyof Events>(event: E, about: Events[E]) => void;
interface Events {
  message: Told;
  identify: Visitor;
  error: string;
}

export interface Parts {
  state: State;
  session: Session;
  disk: Disk;
  store: Store;
  queue: Queue;
  link: Link;
  tabs: Tabs<News>;
  tell: Tell;
}

/** Runs `work` once, some time after it was asked for, however often. */
function soon(ms: number, work: () => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      work();
    }, ms);
  };
}

export function createHearing({ state, session, disk, store, queue, link, tabs, tell }: Parts) {
  let era = session.era();
  /** Somebody has opened the panel or written, so there is to be a session. */
  let woken = false;
  let typing: ReturnType<typeof setTimeout>;

  const wanted = () => woken || queue.waits();

  function draw(): void {
    const rows = queue.rows();
    state.messages.value = timeline(store.sorted(), rows, queue.progress());
    state.threads.value = rated(store.threads(), rows);
    state.unread.value = store.unread();
    if (state.older.value !== 'loading') state.older.value = store.older() ? 'some' : 'none';
  }
  const show = soon(0, draw);

  let since = Date.now();
  const history = (): Kept => ({
    ...store.keep(),
    era,
    visitor: session.visitor()?.id,
    since,
  });
  const save = () => {
    if (session.era() === era) disk.keep(history()).catch(() => {});
  };
  const keep = soon(KEEP_AFTER_MS, save);
  const ack = soon(ACK_AFTER_MS, () => {
    if (link.live()) for (const frame of store.acks()) link.send(frame);
  });

  function changed(): void {
    show();
    if (!tabs.leads()) return;
    keep();
    ack();
  }

  /** The tab that leads has the link up, when there is a reason to. */
  function go(): void {
    if (!tabs.leads() || state.unavailable.value !== null) return;
    if (session.token() || session.proving() || wanted()) link.start();
  }

  function types(seconds: number, author?: string): void {
    clearTimeout(typing);
    state.typing.value = seconds ? { ...(author && { author }) } : null;
    if (seconds) typing = setTimeout(types, seconds * 1000, 0);
  }

  /** Whatever was of the visitor before is gone, when another tab or this one began a new era. */
  function renew(): void {
    state.visitor.value = session.visitor();
    if (session.era() === era) return;
    era = session.era();
    woken = false;
    session.prove();
    link.stop();
    store.clear();
    queue.load();
    save();
    state.unavailable.value = state.lead.value = null;
    types(0);
    draw(); // at once: nobody is to see or read what is gone
  }

  const isTold = ({ id, body }: Row): boolean =>
    body.t === 'message'
      ? store.has(id)
      : store.threads().some((one) => one.id === body.conversation && one.rating === body.score);

  function frame(told: ServerFrame): void {
    if (tabs.leads()) queue.frame(told);
    const fresh = store.frame(told);
    if (told.t === 'ready') state.limits.value = { text: told.max_text, file: told.max_file };
    if ('present' in told) state.present.value = told.present;
    if (told.t === 'typing') types(told.on ? told.ttl : 0, told.author);
    if (told.t === 'older') state.older.value = 'some';
    if (told.t === 'unavailable') {
      state.unavailable.value = told.message;
      link.stop();
    }
    if (told.t === 'history' && tabs.leads()) queue.settle(isTold);
    if (fresh.length) types(0);
    for (const message of fresh) tell('message', message);
    changed();
  }

  const heed: Heed = {
    frame,
    is(name, now) {
      (state[name] as Signal<unknown>).value = now;
      if (name !== 'link') return;
      if (state.older.value === 'loading') state.older.value = 'some';
      queue.pump();
    },
    words: queue.load,
    progress: queue.progressed,
    saw(conversation, seq) {
      if (store.saw(conversation, seq)) changed();
    },
    session() {
      renew();
      go();
    },
    forgotten() {
      woken = false;
      store.clear();
      queue.settle(({ done }) => !!done);
      changed();
    },
    identified(visitor) {
      session.prove();
      tell('identify', visitor);
    },
    error(code) {
      if (code.startsWith('identity')) session.prove();
      tell('error', code);
    },
    hi() {
      if (!tabs.leads()) return;
      tabs.post(['known', history()]);
      for (const name of STANDING) tabs.post(['is', name, state[name].value] as News);
      link.hurry();
    },
    known: remember,
    wake() {
      woken = true;
      go();
    },
    identify(shown) {
      state.unavailable.value = null;
      session.prove(shown);
      link.restart();
      go();
    },
    typing: () => link.send({ t: 'typing', on: true }),
    older() {
      const asked = store.older();
      if (!asked || state.link.value !== 'live') return;
      state.older.value = 'loading';
      link.send({ t: 'older', ...asked });
    },
  };

  function remember(kept: Kept): void {
    // Addresses of files end: what began to be known a day ago is asked for anew, whole.
    if (kept.since < Date.now() - DAY_MS) return;
    if (kept.era !== era || kept.visitor !== session.visitor()?.id) return;
    since = kept.since;
    store.frame(kept);
    for (const id in kept.read) store.saw(id, kept.read[id] ?? 0);
    show();
  }

  return {
    heed,
    wanted,
    show,
    remember,

    /** When the visitor's last word was taken, that history or the queue knows of. */
    lastSaid: () =>
      timeline(store.sorted(), queue.rows(), undefined).findLast(
        ({ by, state }) => by === 'contact' && state === 'sent',
      )?.at,

    /** This tab leads now, or does no longer. */
    lead(leads: boolean): void {
      state.leads.value = leads;
      if (leads) {
        queue.load();
        go();
      } else link.stop();
    },

    /** The tab is looked at, or the network is another one. */
    stir(): void {
      renew();
      if (tabs.leads()) {
        go();
        link.hurry();
      } else {
        tabs.post(['hi']);
        tabs.expect();
      }
    },
  };
}
