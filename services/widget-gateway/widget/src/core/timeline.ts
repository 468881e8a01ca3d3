/** From what is known to what is shown: one list of messages, in order, what is unsent at the end. */

import type { Row } from './disk.js';
import type { ThreadView } from './frames.js';
import { notUp, type Progress } from './queue.js';
import type { Message, Thread } from './state.js';
import { inOrder } from './store.js';

function ofRow({ id, body, files, at, done, problem }: Row, progress?: Progress): Message {
  return {
    key: id,
    conversation: '',
    seq: 2 ** 31,
    at,
    by: 'contact',
    parts: [
      ...(body.t === 'message' && body.text ? [{ kind: 'text', text: body.text }] : []),
      ...files.map(({ name, blob: { type, size } }) => ({
        kind: 'document',
        file: { name, mime_type: type, size },
      })),
    ],
    state: problem ? 'failed' : done ? 'sent' : 'sending',
    ...(problem && { problem }),
    ...(!problem && files.some(notUp) && { progress: progress?.id === id ? progress.part : 0 }),
  };
}

export function timeline(
  told: readonly Message[],
  rows: readonly Row[],
  progress: Progress | undefined,
): Message[] {
  const keys = new Set(told.map(({ key }) => key));
  const own = rows
    .filter(({ id, body }) => body.t === 'message' && !keys.has(id))
    .map((row) => ofRow(row, progress));
  const unsent = own.filter(({ state }) => state !== 'sent');
  return [...told, ...own.filter(({ state }) => state === 'sent')].sort(inOrder).concat(unsent);
}

/** Threads as told, with the stars that are still on their way. */
export const rated = (threads: readonly ThreadView[], rows: readonly Row[]): Thread[] =>
  threads.map((thread) => {
    let { rating } = thread;
    for (const { body, problem } of rows)
      if (body.t === 'rate' && body.conversation === thread.id && !problem) rating = body.score;
    return rating ? { ...thread, rating } : thread;
  });
