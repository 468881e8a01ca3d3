/**
 * The one link of this browser to the gateway: keeps a wire open, whatever happens, and says how it is.
 * Held by the tab that leads (tabs.ts).
 */

import type { ClientFrame, Cursors, ServerFrame } from './frames.js';
import type { Announce } from './news.js';
import type { Session } from './session.js';
import type { LinkState } from './state.js';
import { openSocket } from './transport/socket.js';
import type { Wire } from './transport/wire.js';

/** Seconds before coming back, by close code; of all others the backoff. */
const WAITS: Record<number, number> = {
  1012: Math.random() * 3, // each browser its own, that not all come at once
  4002: 30,
  4009: 1e6, // days: until it is looked at
  4029: 10,
};
const ENDED = 4003;
const TOKEN_REFUSED = 4004;

const BACKOFF_MIN_S = 0.5;
const BACKOFF_MAX_S = 30;
/** How long a wire may take to say `ready`. */
const READY_LIMIT_MS = 10_000;
/** How long an answer to a ping may take when there is a reason to ask. */
const PONG_LIMIT_MS = 3000;
const BEAT_MS = 5000;
const DEAD_AFTER_MS = 60_000;
/** Sockets opened in vain, in a row, before the long poll is tried; and how long that is kept to. */
const SOCKET_TRIES = 2;
const POLL_FOR_MS = 120_000;

/** Few networks and few frames need requests: how to is loaded when one does. */
const posting = () => import('./transport/posting.js');

export interface LinkEvents {
  cursors(): Cursors;
  /** There is a reason to have a session at all. */
  wanted(): boolean;
  state(state: LinkState): void;
  /** The wire went. */
  down(): void;
}

export type Link = ReturnType<typeof createLink>;

export function createLink(address: string, session: Session, say: Announce, on: LinkEvents) {
  let wire: Wire | undefined;
  let ready = false;
  let polling = false;
  let running = false;
  /** Counts attempts; what an attempt before says is not heard any more. */
  let turn = 0;
  let fails = 0;
  let vain = 0;
  let pollUntil = 0;
  let heard = 0;
  let sent = 0;
  let silence = 25_000;
  let timer: ReturnType<typeof setTimeout>;
  let beat: ReturnType<typeof setInterval>;

  function cut(): void {
    turn++;
    wire?.close();
    wire = undefined;
    ready = false;
    clearTimeout(timer);
    clearInterval(beat);
  }

  function later(seconds: number): void {
    clearTimeout(timer);
    timer = setTimeout(attempt, seconds * 1000);
  }

  function backoff(): number {
    const most = Math.min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2 ** fails++);
    return Math.random() * most;
  }

  function down(code: number, token?: string): void {
    const told = code >= 4000 || code === 1012;
    if (!ready && !told) {
      if (polling) vain = SOCKET_TRIES - 1;
      else if (++vain >= SOCKET_TRIES) pollUntil = Date.now() + POLL_FOR_MS;
    }
    on.down();
    cut();
    on.state('offline');
    if (code === ENDED && token && token === session.token()) session.forget();
    if (code === TOKEN_REFUSED) session.doubt();
    if (running) later(WAITS[code] ?? backoff());
  }

  async function attempt(): Promise<void> {
    cut();
    const mine = turn;
    on.state(fails ? 'offline' : 'connecting');
    const token = await session.have(on.wanted);
    if (mine !== turn || !running) return;
    if (!token) {
      if (on.wanted() || session.token() || session.proving()) later(backoff());
      else stop();
      return;
    }
    polling = vain >= SOCKET_TRIES && Date.now() < pollUntil;
    heard = sent = Date.now();
    timer = setTimeout(down, READY_LIMIT_MS, 0);
    beat = setInterval(tick, BEAT_MS);
    try {
      const open = polling ? (await posting()).openPoll : openSocket;
      if (mine !== turn) return;
      wire = open({
        address,
        token,
        request: session.request,
        cursors: on.cursors,
        post,
        frame: hear,
        closed: (code) => down(code, token),
      });
    } catch {
      down(0); // the page's policy forbids sockets
    }
  }

  function hear(frame: ServerFrame): void {
    heard = Date.now();
    if (frame.t === 'ready' && !ready) {
      clearTimeout(timer);
      ready = true;
      fails = 0;
      if (!polling) vain = 0;
      silence = frame.hb * 1000;
      on.state('live');
    }
    say('frame', frame);
  }

  function tick(): void {
    const now = Date.now();
    if (now - heard > DEAD_AFTER_MS) down(0);
    else if (polling && now > pollUntil) {
      vain = SOCKET_TRIES - 1;
      attempt();
    } else if (now - sent > silence) send({ t: 'ping', k: now });
  }

  /** Beside the wire: frames of the long poll, and those too long for a socket. */
  async function post(frame: ClientFrame): Promise<void> {
    const mine = turn;
    const { answersTo } = await posting();
    const answers = await answersTo(frame, session.request);
    if (mine !== turn) return;
    if (answers) answers.forEach(hear);
    else down(TOKEN_REFUSED);
  }

  function send(frame: ClientFrame): void {
    if (!ready) return;
    sent = Date.now();
    wire?.send(frame);
  }

  /** There is a reason to doubt the wire, or to hope for one: somebody looks, the network is back. */
  function hurry(): void {
    if (!running) return;
    if (!ready || polling) {
      if (!wire || polling) attempt();
      return;
    }
    const [mine, before] = [turn, heard];
    send({ t: 'ping', k: Date.now() });
    setTimeout(() => {
      if (mine === turn && heard === before) down(0);
    }, PONG_LIMIT_MS);
  }

  /** The gateway did not like the token somewhere. */
  function doubt(): void {
    session.doubt();
    if (running) attempt();
  }

  function stop(): void {
    running = false;
    cut();
    on.state('idle');
  }

  return {
    send,
    hurry,
    stop,
    doubt,
    live: () => ready,
    start(): void {
      if (running) return;
      running = true;
      attempt();
    },
    /** Under another token. */
    restart(): void {
      if (running) attempt();
    },
  };
}
