/**
 * What this tab knows of the visitor's conversations, put together from frames. Every tab hears the
 * same frames and so knows the same; nothing here sends or draws.
 *
 * Messages are merged by key: of our own the client's id, of others the team's. Cursors move with
 * history alone. A live part is shown at once and gives way to the whole message.
 */

import type { Ack, Cursors, MessageView, PartView, ServerFrame, ThreadView } from './frames.js';
import type { Message } from './state.js';

/** More messages than this are not kept in a page; and so many are kept on disk. */
const MOST = 1000;
const MOST_KEPT = 100;
/** Conversations whose cursors are told; the gateway takes 50. */
const MOST_THREADS = 40;

/** `whole`: told by history, and not only by parts or an echo. */
export type Told = Message & MessageView & { whole: boolean };

/** In the order of the conversation: the order of their times, and of their places within one. */
export const inOrder = (a: Message, b: Message): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq;

const last = (all: Message[]) => Math.max(0, ...all.map(({ seq }) => seq));

export type Store = ReturnType<typeof createStore>;

export function createStore(base: string) {
  let messages: Map<string, Told>;
  let threads: ThreadView[];
  let cursors: Cursors;
  let read: Cursors;
  /** Conversation → what was told of it over the wire that is open now. */
  let acked: Record<string, string>;
  /** Conversations whose first message is here. */
  let begun: Set<string>;
  clear();

  function clear(): void {
    messages = new Map();
    threads = [];
    cursors = {};
    read = {};
    acked = {};
    begun = new Set();
  }

  /** Files are named from where the widget lies. */
  const placed = (part: PartView): PartView =>
    part.file?.url
      ? { ...part, file: { ...part.file, url: new URL(part.file.url, base).href } }
      : part;

  /** Merges one; answers whether it is new and of another's hand. */
  function merge(view: MessageView, whole: boolean): boolean {
    const key = view.client ?? view.id;
    const isNew = !messages.has(key);
    messages.set(key, { ...view, key, parts: view.parts.map(placed), state: 'sent', whole });
    return isNew && view.by !== 'contact';
  }

  const sorted = () => [...messages.values()].sort(inOrder);
  const of = (id: string) => sorted().filter(({ conversation }) => conversation === id);

  /** How far the visitor has read: what was on the screen, and whatever came before their own word. */
  const readTo = (id: string) =>
    Math.max(read[id] ?? 0, last(of(id).filter(({ by, whole }) => by === 'contact' && whole)));

  function mergeThreads(told: readonly ThreadView[]): void {
    const ids = new Set(told.map(({ id }) => id));
    threads = [...threads.filter(({ id }) => !ids.has(id)), ...told]
      .sort((a, b) => (a.at < b.at ? 1 : -1))
      .slice(0, MOST_THREADS);
    for (const id in cursors) if (!threads.some((thread) => thread.id === id)) delete cursors[id];
    for (const { id, seen } of threads)
      for (const message of of(id))
        if (message.by === 'contact' && !message.seen && message.seq <= seen)
          messages.set(message.key, { ...message, seen: true });
    if (messages.size > MOST) {
      messages = new Map(
        sorted()
          .slice(-MOST / 2)
          .map((message) => [message.key, message]),
      );
      begun.clear();
    }
  }

  return {
    clear,
    sorted,
    threads: () => threads,
    cursors: () => cursors,
    has: (key: string) => !!messages.get(key)?.whole,

    /** Answers the keys of what is new and said by others. */
    frame(frame: ServerFrame): Told[] {
      let fresh: string[] = [];
      if (frame.t === 'part') {
        const { t: _, of: __, message, index, part, ...rest } = frame;
        const before = messages.get(message);
        if (before?.whole) return [];
        const parts = [...(before?.parts ?? [])];
        parts[index] = part;
        // They may come out of order.
        if (merge({ ...rest, id: message, parts: parts.map((one) => one ?? { kind: '' }) }, false))
          fresh = [message];
      } else if (frame.t === 'echo') {
        const { t: _, ...rest } = frame;
        if (!messages.has(rest.id))
          merge({ ...rest, conversation: '', seq: 2 ** 31, by: 'contact' }, false);
      } else if (frame.t === 'older') {
        for (const view of frame.messages) merge(view, true);
        if (frame.end) begun.add(frame.conversation);
      } else if (frame.t === 'history') {
        // What a new visitor's browser is told first is nothing new.
        const begins = !threads.length;
        fresh = frame.messages
          .filter((view) => merge(view, true) && !begins)
          .filter(({ seq, conversation }) => seq > readTo(conversation))
          .map(({ id }) => id);
        Object.assign(cursors, frame.cursors);
        mergeThreads(frame.threads);
      }
      return fresh.flatMap((key) => messages.get(key) ?? []);
    },

    /** This message was on the screen. Answers whether that is news. */
    saw(id: string, seq: number): boolean {
      if (seq <= (read[id] ?? 0)) return false;
      read[id] = seq;
      return true;
    },

    unread: () =>
      threads.reduce((count, { id }) => {
        const seen = readTo(id);
        const news = of(id).filter(
          ({ by, seq, deleted }) => by !== 'contact' && !deleted && seq > seen,
        );
        return count + news.length;
      }, 0),

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
          ...(delivered && { delivered }),
          ...(seen && { read: seen }),
        };
      }),

    /** The wire went: what was told last is told again over the next. */
    lost(): void {
      acked = {};
    },

    /** Where to go on asking for older messages: the newest conversation whose beginning is not here. */
    older() {
      for (const { id, last } of threads) {
        const before = Math.min(last + 1, ...of(id).map(({ seq, whole }) => (whole ? seq : last)));
        if (!begun.has(id) && before > 1) return { conversation: id, before };
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
