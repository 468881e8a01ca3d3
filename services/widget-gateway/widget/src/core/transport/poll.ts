/** The long poll: for where a proxy lets no socket through. Frames of ours are posted beside it. */

import type { ServerFrame } from '../frames.js';
import type { Open } from './wire.js';

/** How long the gateway may hold a poll, in seconds. */
const WAIT_S = 25;
/** How long beyond that we believe in it. */
const GRACE_MS = 10_000;
/** Between two polls, that a gateway which answers at once is not stormed. */
const PAUSE_MS = 250;

/** Close codes by what a request is answered; others are 0. */
const CODES: Record<number, number> = { 401: 4004, 429: 4029, 503: 1012 };

export const openPoll: Open = ({ base, channel, token, cursors, post, frame, closed }) => {
  const ended = new AbortController();

  async function once(wait: number): Promise<number> {
    const response = await fetch(`${base}${channel}/poll`, {
      method: 'POST',
      credentials: 'omit',
      signal: AbortSignal.any([ended.signal, AbortSignal.timeout(wait * 1000 + GRACE_MS)]),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ cursors: cursors(), wait }),
    });
    if (!response.ok) return response.status;
    for (const said of ((await response.json()) as { frames: ServerFrame[] }).frames)
      if (!ended.signal.aborted) frame(said);
    return 0;
  }

  (async () => {
    let status = 0;
    try {
      // The first does not wait: it tells whether polls get through.
      for (let wait = 0; !status; wait = WAIT_S) {
        status = await once(wait);
        await new Promise((next) => setTimeout(next, PAUSE_MS));
      }
    } catch {
      // Nothing came back.
    }
    if (!ended.signal.aborted) closed(CODES[status] ?? 0);
  })();

  return {
    send(said) {
      // A poll is its own heartbeat.
      if (said.t !== 'ping') post(said);
    },
    close: () => ended.abort(),
  };
};
