/**
 * The one link of this browser to the gateway: keeps a wire open, whatever happens, and says how it is.
 * Held by the tab that leads (tabs.ts).
 */

import type { ClientFrame, Cursors, Refused, ServerFrame } from './frames.js';
import type { Announce } from './news.js';
import type { Session } from './session.js';
import type { LinkState } from './state.js';
import { openSocket } from './transport/socket.js';
import type { Wire } from './transport/wire.js';

/** Seconds before coming back, at least, by close code; the backoff is added to them. */
const WAITS: Record<number, number> = {
  4002: 30,
  4009: 1e6, // days: until it is looked at
  4029: 10,
};
/** From this code on the gateway says why it closes. */
const TOLD = 1012;
const ENDED = 4003;
const TOKEN_REFUSED = 4004;

const BACKOFF_MIN_S = 0.5;
/** What one is told, many are told at once: they are not to come back so. */
const BACKOFF_TOLD_S = 3;
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
/** How to post could not be loaded: when it is tried again. */
const POST_AGAIN_S = 3;

/** Few networks and few frames need requests: how to is loaded when one does. */
const posting = () => import('./transport/posting.js');

export interface LinkEvents {
  cursors(): Cursors;
  /** There is a reason to have a session at all. */
  wanted(): boolean;
  /** How it stands now. Anything but live: the wire, if there was one, is gone. */
  state(state: LinkState): void;
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
  // By performance.now(), which nobody sets.
  let pollUntil = 0;
  let heard = 0;
  let sent = 0;
  let pinged = 0;
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
    // A first loss is no news: the next wire is there before anybody has read it.
    on.state(!running ? 'idle' : fails > 1 ? 'offline' : 'connecting');
  }

  function later(seconds: number): void {
    timer = setTimeout(attempt, seconds * 1000);
  }

  function backoff(least = BACKOFF_MIN_S): number {
    return Math.random() * Math.min(BACKOFF_MAX_S, least * 2 ** fails++);
  }

  function down(code: number, token?: string): void {
    const told = code >= TOLD;
    if (!ready && !told) {
      if (polling) pollUntil = 0;
      else if (++vain >= SOCKET_TRIES) pollUntil = performance.now() + POLL_FOR_MS;
    }
    const seconds = (WAITS[code] ?? 0) + backoff(told ? BACKOFF_TOLD_S : BACKOFF_MIN_S);
    cut();
    if (code === ENDED && token && token === session.token()) session.forget();
    if (code === TOKEN_REFUSED) session.doubt();
    if (running) later(seconds);
  }

  async function attempt(): Promise<void> {
    cut();
    const mine = turn;
    const token = await session.have(on.wanted);
    if (mine !== turn || !running) return;
    if (!token) {
      if (on.wanted() || session.token() || session.proving()) later(backoff());
      else stop();
      return;
    }
    polling = performance.now() < pollUntil;
    heard = sent = performance.now();
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
      down(0); // the page's policy forbids sockets, or how to poll could not be loaded
    }
  }

  function hear(frame: ServerFrame): void {
    heard = performance.now();
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

  /** In a hidden tab once a minute, if that: silence is suspicious only when an answer is due. */
  function tick(): void {
    const now = performance.now();
    if (pinged > heard && now - heard > DEAD_AFTER_MS) down(0);
    else if (polling && now > pollUntil) attempt();
    else if (now - sent > silence) ping();
  }

  function ping(): void {
    send({ t: 'ping', k: 0 });
    pinged = sent;
  }

  /** Beside the wire: frames of the long poll, and those too long for a socket. */
  async function post(frame: ClientFrame): Promise<void> {
    const mine = turn;
    const answers = await posting().then(
      ({ answersTo }) => answersTo(frame, session.request),
      // As if the gateway had said so: it or the network is away, and comes back.
      () => [{ ...frame, t: 'refused', retry_s: POST_AGAIN_S } as unknown as Refused],
    );
    if (mine !== turn) return;
    if (answers) answers.forEach(hear);
    else down(TOKEN_REFUSED);
  }

  function send(frame: ClientFrame): void {
    if (!ready) return;
    sent = performance.now();
    wire?.send(frame);
  }

  /** There is a reason to doubt the wire, or to hope for one: somebody looks, the network is back. */
  function hurry(): void {
    if (running && (polling || !wire)) attempt();
    else if (ready) {
      if (pinged <= heard) ping();
      const [mine, asked] = [turn, pinged];
      setTimeout(() => {
        if (mine === turn && heard < asked) down(0);
      }, PONG_LIMIT_MS);
    }
  }

  /** The gateway did not like the token somewhere. */
  function doubt(): void {
    session.doubt();
    if (running) attempt();
  }

  function stop(): void {
    running = false;
    cut();
  }

  return {
    send,
    hurry,
    stop,
    doubt,
    /** Under another token. */
    restart(): void {
      if (running) attempt();
    },
    live: () => ready,
    start(): void {
      if (running) return;
      running = true;
      attempt();
    },
  };
}
