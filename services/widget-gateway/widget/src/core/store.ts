/**
 * What this tab knows of the visitor's conversations, put together from frames. Every tab hears the
 * same frames and so knows the same; nothing here sends or draws.
 *
 * Messages are merged by key: of our own the client's id, of others the team's. Cursors move with
 * history alone. A live part is shown at once and gives way to the whole message.
 */

import type {
  Ack,
  Cursors,
  MessageView,
  Older,
  PartView,
  ServerFrame,
  ThreadView,
} from './frames.js';
import type { Message } from './state.js';

/** More messages than this are kept in a page only while they are read; and so many are kept on disk. */
const MOST = 1000;
const MOST_KEPT = 100;

/** `whole`: told by history, and not only by parts or an echo. */
export type Told = Message & MessageView & { whole: boolean };

/** In the order of the conversation: the order of their times, and of their places within one. */
export const inOrder = (a: Message, b: Message): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq;

const last = (all: Message[]) => Math.max(0, ...all.map(({ seq }) => seq));

export type Store = ReturnType<typeof createStore>;

export function createStore(base: string) {
  let messages: Map<string, Told>;
  /** Newest first. */
  let threads: ThreadView[];
  let cursors: Cursors;
  let read: Cursors;
  /** Conversation → what was told of it over the wire that is open now. */
  let acked: Record<string, string>;
  /** Conversations whose first message is here. */
  let begun: Set<string>;
  clear();

  /** Lets go of what was said, to be told it anew; what was read stays. */
  function anew(): void {
    messages = new Map();
    cursors = {};
    begun = new Set();
  }

  function clear(): void {
    anew();
    threads = [];
    read = {};
    acked = {};
  }

  /** Files are named from where the widget lies. */
  const placed = (part: PartView): PartView =>
    part.file?.url
      ? { ...part, file: { ...part.file, url: new URL(part.file.url, base).href } }
      : part;

  /** Merges one; answers it if it is new and of another's hand. */
  function merge(view: MessageView, whole: boolean): Told[] {
    const key = view.client ?? view.id;
    const known = messages.has(key);
    const told: Told = { ...view, key, parts: view.parts.map(placed), state: 'sent', whole };
    messages.set(key, told);
    return known || view.by === 'contact' ? [] : [told];
  }

  const sorted = () => [...messages.values()].sort(inOrder);
  const of = (id: string) =>
    [...messages.values()].filter(({ conversation }) => conversation === id);

  /** How far the visitor has read: what was on the screen, and whatever came before their own word. */
  const readTo = (id: string) =>
    Math.max(read[id] ?? 0, last(of(id).filter(({ by, whole }) => by === 'contact' && whole)));

  /** Our own messages that the team has read say so. */
  function mark(): void {
    for (const { id, seen } of threads)
      for (const message of of(id))
        if (message.by === 'contact' && !message.seen && message.seq <= seen)
          messages.set(message.key, { ...message, seen: true });
  }

  return {
    anew,
    clear,
    sorted,
    threads: () => threads,
    cursors: () => cursors,
    has: (key: string) => !!messages.get(key)?.whole,

    /** Answers what is new and said by others. */
    frame(frame: ServerFrame): Told[] {
      if (frame.t === 'part') {
        const { t: _, of: __, message, index, part, ...rest } = frame;
        const before = messages.get(message);
        if (before?.whole) return [];
        const parts = [...(before?.parts ?? [])];
        parts[index] = part;
        // They may come out of order.
        const whole = { ...rest, id: message, parts: parts.map((one) => one ?? { kind: '' }) };
        return merge(whole, false);
      } else if (frame.t === 'echo') {
        const { t: _, ...rest } = frame;
        if (!messages.has(rest.id))
          merge({ ...rest, conversation: '', seq: 2 ** 31, by: 'contact' }, false);
      } else if (frame.t === 'older') {
        for (const view of frame.messages) merge(view, true);
        if (frame.end) begun.add(frame.conversation);
        mark();
      } else if (frame.t === 'history') {
        // What a browser is told first is nothing new.
        const begins = !messages.size;
        const fresh = frame.messages.flatMap((view) => merge(view, true));
        // Of these every history tells all.
        ({ threads, cursors } = frame);
        mark();
        return fresh.filter(({ seq, conversation }) => !begins && seq > readTo(conversation));
      }
      return [];
    },

    /** This message was on the screen. Answers whether that is news. */
    saw(id: string, seq: number): boolean {
      if (seq <= (read[id] ?? 0)) return false;
      read[id] = seq;
      return true;
    },

    unread: () =>
      threads.flatMap(({ id }) => {
        const seen = readTo(id);
        return of(id).filter(({ by, seq, deleted }) => by !== 'contact' && !deleted && seq > seen);
      }).length,

    /** What the gateway is to be told of what is here and what was seen; each once over a wire. */
    acks: (): Ack[] =>
      threads.flatMap(({ id }) => {
        const others = of(id).filter(({ by }) => by !== 'contact');
        const upTo = (to = 0) => last(others.filter(({ seq }) => seq <= to));
        const [delivered, seen] = [upTo(cursors[id]), upTo(read[id])];
        const { at } = others.find(({ seq }) => seq === Math.max(delivered, seen)) ?? {};
        const place = `${delivered} ${seen}`;
        if (!at || acked[id] === place) return [];
        acked[id] = place;
        return {
          t: 'ack',
          conversation: id,
          at,
          delivered: delivered || undefined,
          read: seen || undefined,
        };
      }),

    /** The wire went: what was told last is told again over the next. */
    lost(): void {
      acked = {};
    },

    /** Nobody reads just now: what was scrolled to long ago need not be here. */
    trim(): void {
      if (messages.size <= MOST) return;
      for (const { key } of sorted().slice(0, -MOST / 2)) messages.delete(key);
      begun.clear();
    },

    /** Where to go on asking for older messages: the newest conversation whose beginning is not here. */
    older(): Older | undefined {
      for (const { id, last } of threads) {
        const before = Math.min(last + 1, ...of(id).map(({ seq, whole }) => (whole ? seq : last)));
        if (!begun.has(id) && before > 1) return { t: 'older', conversation: id, before };
      }
      return undefined;
    },

    /** All of it, as a history that could have been told. */
    keep: () => ({
      t: 'history' as const,
      threads,
      messages: sorted()
        .filter(({ whole }) => whole)
        .slice(-MOST_KEPT),
      cursors,
      read,
    }),
  };
}
