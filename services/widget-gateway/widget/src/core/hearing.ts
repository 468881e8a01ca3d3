/**
 * What every piece of news changes in this tab (news.ts), and what the tab that leads does about it.
 */

import type { Disk, Kept, Row } from './disk.js';
import type { ServerFrame, Time, Visitor } from './frames.js';
import type { Link } from './link.js';
import { type Heed, type News, STANDING } from './news.js';
import type { Queue } from './queue.js';
import type { Session } from './session.js';
import type { Signal } from './signal.js';
import { soon } from './soon.js';
import type { State } from './state.js';
import type { Store, Told } from './store.js';
import type { Tabs } from './tabs.js';
import { rated, timeline } from './timeline.js';

const SETTLED_MS = 300;
/** Addresses of files are good for longer. */
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

export function createHearing({ state, session, disk, store, queue, link, tabs, tell }: Parts) {
  const { era } = state;
  era.value = session.era();
  /** Somebody has opened the panel or written, so there is to be a session. */
  let woken = false;
  let typing: ReturnType<typeof setTimeout>;

  const wanted = () => woken || queue.waits();

  function draw(): void {
    if (!state.open.value) store.trim();
    const rows = queue.rows();
    state.messages.value = timeline(store.sorted(), rows, queue.progress());
    state.threads.value = rated(store.threads(), rows);
    state.unread.value = store.unread();
    if (state.older.value !== 'loading') state.older.value = store.older() ? 'some' : 'none';
  }
  const show = soon(0, draw);

  /** When the first of what is known was told. */
  let since = Date.now();
  /** Addresses of files end: after a day all is asked for anew. */
  const stale = () => since < Date.now() - DAY_MS;
  function refresh(): void {
    if (!stale()) return;
    since = Date.now();
    store.anew();
  }
  const history = (): Kept => ({
    ...store.keep(),
    era: era.value,
    muted: state.muted.value,
    lead: state.lead.value,
    since,
  });
  const save = () => {
    if (session.era() === era.value) disk.keep(history()).catch(() => {});
  };
  /** What came is kept, and the gateway is told that it did. */
  const settle = soon(SETTLED_MS, () => {
    save();
    if (link.live()) for (const frame of store.acks()) link.send(frame);
  });

  function changed(): void {
    show();
    if (tabs.leads()) settle();
  }

  /** The tab that leads has the link up, when there is a reason to. */
  function go(): void {
    if (!tabs.leads() || state.unavailable.value !== null) return;
    if (session.token() || session.proving() || wanted()) link.start();
  }

  /** Somebody looks at one of the tabs: is the wire well, and does what is known still hold? */
  const check = () => (stale() ? link.restart() : link.hurry());

  function clear(): void {
    woken = false;
    since = Date.now();
    store.clear();
  }

  function types(seconds: number, author?: string): void {
    clearTimeout(typing);
    state.typing.value = seconds ? { author } : null;
    if (seconds) typing = setTimeout(types, seconds * 1000, 0);
  }

  /** Whatever was of the visitor before is gone, when another tab or this one began a new era. */
  function renew(): void {
    state.visitor.value = session.visitor();
    if (session.era() === era.value) return;
    era.value = session.era();
    if (!session.token()) session.prove(); // with one, it is of whoever comes next
    link.stop();
    clear();
    queue.load();
    state.unavailable.value = state.lead.value = null;
    save();
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
    for (const message of fresh) {
      types(0);
      tell('message', message);
    }
    changed();
  }

  const heed: Heed = {
    frame,
    is(name, now) {
      (state[name] as Signal<unknown>).value = now;
      if (state.older.value === 'loading') state.older.value = 'some';
      queue.pump();
      changed();
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
      clear();
      queue.settle(({ done }) => !!done);
      changed();
    },
    identified(visitor, shown) {
      session.proved(shown);
      tell('identify', visitor);
    },
    error(code, shown) {
      if (/^identity|malformed/.test(code)) session.proved(shown);
      tell('error', code);
    },
    hi() {
      if (!tabs.leads()) return;
      if (!stale()) tabs.post(['known', history()]);
      for (const name of STANDING) tabs.post(['is', name, state[name].value] as News);
      check();
    },
    known: remember,
    wake() {
      woken = true;
      go();
      if (tabs.leads())
        tabs.post(['is', 'present', state.present.value]); // a sign of life
      else tabs.expect();
    },
    identify(shown) {
      state.unavailable.value = null;
      session.prove(shown);
      link.restart();
      go();
    },
    typing: () => link.send({ t: 'typing', on: true }),
    older(asked) {
      state.older.value = 'loading';
      link.send(asked);
    },
  };

  function remember(kept: Kept): void {
    if (kept.era !== era.value) return;
    state.muted.value = kept.muted;
    state.lead.value ??= kept.lead;
    since = kept.since;
    store.frame(kept);
    for (const id in kept.read) store.saw(id, kept.read[id] ?? 0);
    refresh();
    show();
  }

  return {
    heed,
    wanted,
    show,
    remember,

    /** What the gateway is told to be here. */
    cursors() {
      refresh();
      return store.cursors();
    },

    /** When the visitor's last word was taken, that history or the queue knows of. */
    lastSaid(): Time | undefined {
      draw();
      return state.messages.value.findLast(({ by, state }) => by === 'contact' && state === 'sent')
        ?.at;
    },

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
        check();
      } else {
        tabs.post(['hi']);
        tabs.expect();
      }
    },
  };
}
