/**
 * What this tab knows of the visitor's conversations, put together from frames. Every tab hears the
 * same frames and so knows the same; nothing here sends or draws.
 *
 * Messages are merged by key: of our own the client's id, of others the team's. Cursors move with
 * history alone. A live part is shown at once and gives way to the whole message.
 */

import type { Kept, Row } from './disk.js';
import type {
  Ack,
  Cursors,
  Live,
  MessageView,
  PartView,
  ServerFrame,
  ThreadView,
  Time,
} from './frames.js';

/** More messages than this are not kept in a page; and so many are kept on disk. */
const MOST = 1000;
const MOST_KEPT = 100;
/** Conversations whose cursors are told; the gateway takes 50. */
const MOST_THREADS = 40;

/** `whole`: told by history, and not only by parts or an echo. */
export type Told = MessageView & { whole?: boolean };

export const keyOf = (message: { id: string; client?: string }): string =>
  message.client ?? message.id;

/** In the order of the conversation: the order of their times, and of their places within one. */
export const inOrder = (a: { at: Time; seq: number }, b: { at: Time; seq: number }): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq;

export type Store = ReturnType<typeof createStore>;

export function createStore(base: string) {
  let messages = new Map<string, Told>();
  let threads: ThreadView[] = [];
  let cursors: Cursors = {};
  let read: Cursors = {};
  let acked: Cursors = {};
  /** Told over the wire that is open now: it may never have got there. */
  let unsure: string[] = [];
  /** Conversations whose first message is here. */
  let begun = new Set<string>();

  /** Files are named from where the widget lies. */
  const placed = (part: PartView): PartView =>
    part.file?.url
      ? { ...part, file: { ...part.file, url: new URL(part.file.url, base).href } }
      : part;

  /** Merges one; answers it if it is new and of another's hand. */
  function tell(message: Told): Told[] {
    const key = keyOf(message);
    const before = messages.get(key);
    messages.set(key, { ...message, parts: message.parts.map(placed) });
    return before || message.by === 'contact' ? [] : [message];
  }

  function live({ message: id, index, part, t: _, of, ...rest }: Live): Told[] {
    const before = messages.get(id);
    if (before?.whole) return [];
    const parts = [...(before?.parts ?? [])];
    parts[index] = part;
    return tell({ ...rest, id, parts });
  }

  function bound(): void {
    if (messages.size > MOST) {
      const kept = sorted().slice(-MOST / 2);
      messages = new Map(kept.map((message) => [keyOf(message), message]));
      begun.clear();
    }
    threads = threads.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_THREADS);
    const known = new Set(threads.map(({ id }) => id));
    cursors = Object.fromEntries(Object.entries(cursors).filter(([id]) => known.has(id)));
  }

  const sorted = () => [...messages.values()].sort(inOrder);
  const of = (conversation: string) =>
    [...messages.values()].filter((message) => message.conversation === conversation);
  const last = (all: Told[]) => all.reduce((seq, message) => Math.max(seq, message.seq), 0);

  /** How far the visitor has read: what was on the screen, and whatever came before their own word. */
  const readTo = (conversation: string) =>
    Math.max(
      read[conversation] ?? 0,
      last(of(conversation).filter(({ by, whole }) => by === 'contact' && whole)),
    );

  return {
    sorted,
    threads: (): readonly ThreadView[] => threads,
    cursors: () => cursors,
    has: (key: string) => !!messages.get(key)?.whole,
    /** When the visitor's last word was taken. */
    lastSaid: (rows: readonly Row[]): Time | undefined =>
      [...messages.values(), ...rows.filter(({ done }) => done)]
        .flatMap((one) => (!('by' in one) || one.by === 'contact' ? (one.at ?? []) : []))
        .sort()
        .pop(),

    /** Answers what is new and said by others; the first history of all is not new. */
    frame(frame: ServerFrame): Told[] {
      if (frame.t === 'part') return live(frame);
      if (frame.t === 'echo') {
        const { id, at, parts } = frame;
        if (!messages.has(id))
          tell({ id, client: id, conversation: '', seq: Number.MAX_SAFE_INTEGER, at, by: 'contact', parts });
        return [];
      }
      if (frame.t === 'older') {
        for (const message of frame.messages) tell({ ...message, whole: true });
        if (frame.end) begun.add(frame.conversation);
        return [];
      }
      if (frame.t !== 'history') return [];
      const begins = !threads.length;
      const told = new Map(frame.threads.map((thread) => [thread.id, thread]));
      threads = [...threads.filter(({ id }) => !told.has(id)), ...told.values()];
      const fresh = frame.messages.flatMap((message) => tell({ ...message, whole: true }));
      Object.assign(cursors, frame.cursors);
      bound();
      return begins ? [] : fresh.filter(({ seq, conversation }) => seq > readTo(conversation));
    },

    /** This message was on the screen. Answers whether that is news. */
    saw(conversation: string, seq: number): boolean {
      if (seq <= readTo(conversation)) return false;
      read[conversation] = seq;
      return true;
    },

    unread(): number {
      const seen: Cursors = {};
      for (const { id } of threads) seen[id] = readTo(id);
      return [...messages.values()].filter(
        ({ by, seq, deleted, conversation }) =>
          by !== 'contact' && !deleted && seq > (seen[conversation] ?? seq),
      ).length;
    },

    /** What the gateway is to be told of what is here and what was seen; each once. */
    acks(): Ack[] {
      return threads.flatMap(({ id }) => {
        const others = of(id).filter(({ by }) => by !== 'contact');
        /** The furthest message up to there, unless it was told before. */
        const news = (name: string, to = 0) => {
          const key = name + id;
          const seq = last(others.filter((message) => message.seq <= to));
          if (seq <= (acked[key] ?? 0)) return 0;
          acked[key] = seq;
          unsure.push(key);
          return seq;
        };
        const [delivered, seen] = [news('delivered ', cursors[id]), news('read ', read[id])];
        const at = others.find(({ seq }) => seq === Math.max(delivered, seen))?.at;
        return at
          ? [{ t: 'ack' as const, conversation: id, at, ...(delivered && { delivered }), ...(seen && { read: seen }) }]
          : [];
      });
    },

    /** The wire went: what was told last is told again over the next. */
    lost(): void {
      for (const key of unsure) delete acked[key];
      unsure = [];
    },

    /** Where to go on asking for older messages: the newest conversation whose beginning is not here. */
    older(): { conversation: string; before: number } | undefined {
      for (const { id, last } of threads) {
        const before = of(id).reduce((seq, one) => (one.whole ? Math.min(seq, one.seq) : seq), last + 1);
        if (!begun.has(id) && before > 1) return { conversation: id, before };
      }
      return undefined;
    },

    keep: (era: string, visitor: string): Kept => ({
      era,
      visitor,
      threads,
      messages: sorted().filter(({ whole }) => whole).slice(-MOST_KEPT),
      cursors,
      read,
      acked,
    }),

    /** What was kept, or what the tab that leads knows. */
    load(kept: Kept): void {
      const told = new Set(kept.threads.map(({ id }) => id));
      threads = [...threads.filter(({ id }) => !told.has(id)), ...kept.threads];
      for (const message of kept.messages) tell({ ...message, whole: true });
      Object.assign(cursors, kept.cursors);
      Object.assign(acked, kept.acked);
      for (const [id, seq] of Object.entries(kept.read)) read[id] = Math.max(read[id] ?? 0, seq);
      bound();
    },

    clear(): void {
      messages = new Map();
      begun = new Set();
      threads = [];
      cursors = {};
      read = {};
      acked = {};
    },
  };
}
