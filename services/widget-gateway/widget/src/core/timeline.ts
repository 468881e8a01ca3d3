/** From what is known to what is shown: one list of messages, in order, what is unsent at the end. */

import type { Row } from './disk.js';
import type { PartView, ThreadView } from './frames.js';
import type { Message, Thread } from './state.js';
import type { Progress } from './queue.js';
import { inOrder, keyOf, type Told } from './store.js';

/** The object of before where nothing about it has changed, so that `===` tells. */
function same(next: Message, before: Message | undefined): Message {
  const keys = Object.keys(next) as (keyof Message)[];
  return before &&
    keys.length === Object.keys(before).length &&
    keys.every((key) => key === 'parts' || next[key] === before[key]) &&
    next.parts.length === before.parts.length &&
    next.parts.every((part, at) => part === before.parts[at])
    ? before
    : next;
}

function ofTold(told: Told, threads: readonly ThreadView[]): Message {
  const { conversation, seq, at, by, author, deleted, parts } = told;
  const thread = threads.find(({ id }) => id === conversation);
  return {
    key: keyOf(told),
    id: told.whole || by !== 'contact' ? told.id : null,
    conversation: conversation || null,
    seq,
    at,
    by,
    // Parts may come out of order, and one of them not at all.
    parts: parts.filter(Boolean),
    state: 'sent',
    ...(author && { author }),
    ...(deleted && { deleted }),
    ...(by === 'contact' && thread && seq <= thread.seen && { seen: true }),
  };
}

function ofRow({ id, body, files, at, written, done, problem }: Row, progress?: Progress): Message {
  const parts: PartView[] =
    body.t === 'message' && body.text ? [{ kind: 'text', text: body.text }] : [];
  for (const { name, blob } of files ?? [])
    parts.push({ kind: 'document', file: { name, mime_type: blob.type, size: blob.size } });
  return {
    key: id,
    id: null,
    conversation: null,
    seq: Number.MAX_SAFE_INTEGER,
    at: at ?? written,
    by: 'contact',
    parts,
    state: problem ? 'failed' : done ? 'sent' : 'sending',
    ...(problem && { problem }),
    ...(progress?.id === id && { progress: progress.part }),
  };
}

export function timeline(
  told: readonly Told[],
  rows: readonly Row[],
  threads: readonly ThreadView[],
  progress: Progress | undefined,
  before: readonly Message[],
): Message[] {
  const known = new Map(before.map((message) => [message.key, message]));
  const keys = new Set(told.map(keyOf));
  const own = rows
    .filter(({ id, body }) => body.t === 'message' && !keys.has(id))
    .map((row) => ofRow(row, progress));
  const sent = own.filter(({ state }) => state === 'sent');
  return [
    ...[...told.map((message) => ofTold(message, threads)), ...sent].sort(inOrder),
    ...own.filter(({ state }) => state !== 'sent'),
  ].map((message) => same(message, known.get(message.key)));
}

/** Threads as told, with the stars that are still on their way. */
export function rated(threads: readonly ThreadView[], rows: readonly Row[]): Thread[] {
  return threads.map((thread) => {
    const row = rows.findLast(
      ({ body, problem }) => body.t === 'rate' && body.conversation === thread.id && !problem,
    );
    return row?.body.t === 'rate' ? { ...thread, rating: row.body.score } : thread;
  });
}
