/**
 * Frames in the bodies of requests: the long poll, for where a proxy lets no socket through, what is
 * said beside it, and what is too long for a socket.
 */

import type { ClientFrame, ServerFrame } from '../frames.js';
import type { Open, Request } from './wire.js';

/** How long the gateway may hold a poll, in seconds. */
const WAIT_S = 25;
/** How long beyond that we believe in it. */
const GRACE_MS = 10_000;
/** Between two polls, that a gateway which answers at once is not stormed. */
const PAUSE_MS = 250;
/** Frames refused so can never be accepted; others are repeated. */
const NEVER = [400, 403, 413, 415, 422];
/** Close codes by what a request is answered; others are 0. */
const CODES: Record<number, number> = { 401: 4004, 429: 4029 };

export const openPoll: Open = ({ request, cursors, post, frame, closed }) => {
  const ended = new AbortController();

  /** The first does not wait: it tells whether polls get through. */
  async function poll(wait = 0): Promise<void> {
    const limit = AbortSignal.timeout(wait * 1000 + GRACE_MS);
    const signal = AbortSignal.any([ended.signal, limit]);
    const { status, frames } = await request('poll', { cursors: cursors(), wait }, { signal });
    if (ended.signal.aborted) return;
    if (!frames) return closed(CODES[status] ?? 0);
    frames.forEach(frame);
    setTimeout(poll, PAUSE_MS, WAIT_S);
  }
  poll();

  return {
    send(said) {
      // A poll is its own heartbeat.
      if (said.t !== 'ping') post(said);
    },
    close: () => ended.abort(),
  };
};

/** What a frame is answered with; nothing: the token is refused. */
export async function answersTo(
  frame: ClientFrame,
  request: Request,
): Promise<ServerFrame[] | undefined> {
  const { status, code = 'refused', frames } = await request('frames', frame);
  if (status === 401) return undefined;
  return NEVER.includes(status) && 'id' in frame
    ? [{ t: 'refused', id: frame.id, code, message: '' }]
    : (frames ?? []);
}
