/** Messages as rows: where a day begins, which belong together. Pure; used by thread.tsx. */

import type { Message } from '../core/state.js';

export interface Row {
  message: Message;
  /** It begins a day: the day is shown above it. */
  day: boolean;
  /** It begins another conversation than the row above. */
  turn: boolean;
  /** First and last of a group: one writer, minutes apart. */
  first: boolean;
  last: boolean;
}

const TOGETHER_MS = 5 * 60_000;

const day = (message: Message) => new Date(message.at).toDateString();

function apart(a: Message, b: Message): boolean {
  return (
    a.by !== b.by ||
    a.author !== b.author ||
    Math.abs(Date.parse(b.at) - Date.parse(a.at)) > TOGETHER_MS
  );
}

/** As last time for the same messages: every keystroke draws. */
const made = new WeakMap<readonly Message[], Row[]>();

export function rows(messages: readonly Message[]): Row[] {
  const known = made.get(messages);
  if (known) return known;
  const found: Row[] = [];
  made.set(messages, found);
  let above: Row | undefined;
  for (const message of messages) {
    const before = above?.message;
    const begins = !before || day(before) !== day(message);
    const turn =
      !!before?.conversation &&
      !!message.conversation &&
      before.conversation !== message.conversation;
    const first = begins || turn || apart(before, message);
    if (above) above.last = first;
    above = { message, day: begins, turn, first, last: true };
    found.push(above);
  }
  return found;
}
