/**
 * Who the visitor is to the gateway: the token, kept for the next page, and the requests made with it.
 *
 * An era is the time from one reset() to the next: whatever is on disk carries its name, so that
 * nothing of the visitor before is ever taken for this one's, however a wipe was interrupted.
 */

import type { Identity, Session as Answer, Visitor } from './frames.js';
import { uid } from './ids.js';

/** A token is renewed when it was kept for so long. */
const RENEW_AFTER_MS = 24 * 3600_000;
const REQUEST_LIMIT_MS = 15_000;

interface Held {
  era: string;
  token?: string;
  /** When the token came, by this computer's clock. */
  made?: number;
  visitor?: Visitor;
}

/** `status` 0: nothing came back. `code` of a problem: docs/widget/protocol.md. */
export interface Reply<T> {
  status: number;
  body?: T;
  code?: string;
}

export interface SessionEvents {
  /** A token came or went; the era may be another one. */
  changed(): void;
  /** The token went, in the same era: what was read and told is gone, what is unsent stays. */
  forgotten(): void;
  /** A proof was heeded. */
  identified(visitor: Visitor): void;
  /** A request was refused. */
  error(code: string): void;
}

export type Session = ReturnType<typeof createSession>;

export function createSession(base: string, channel: string, on: SessionEvents) {
  const key = `sluice:${channel}`;
  let memory: Held = { era: uid() };
  let durable = true;
  /** To be presented with the next request for a session. */
  let proof: Identity | undefined;

  /** Always read anew: another tab may have written it. */
  function read(): Held {
    if (durable)
      try {
        const kept = localStorage.getItem(key);
        if (kept) memory = JSON.parse(kept) as Held;
        else localStorage.setItem(key, JSON.stringify(memory = { era: uid() }));
      } catch {
        durable = false;
      }
    return memory;
  }

  function write(record: Held): void {
    memory = record;
    try {
      if (durable) localStorage.setItem(key, JSON.stringify(record));
    } catch {
      durable = false;
    }
    on.changed();
  }

  async function request<T>(method: string, path: string, body?: unknown, init?: RequestInit) {
    const { token } = read();
    try {
      const response = await fetch(`${base}${channel}/${path}`, {
        method,
        credentials: 'omit',
        signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body ? { 'Content-Type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...init,
      });
      const answer = response.status === 204 ? {} : await response.json();
      const reply: Reply<T> = response.ok
        ? { status: response.status, body: answer }
        : { status: response.status, code: answer.code };
      return reply;
    } catch {
      return { status: 0 } as Reply<T>;
    }
  }

  /**
   * The token is worth nothing: forgets it. With a user of the site goes everything, like at reset();
   * of an anonymous visitor the words that are not sent yet stay, for nobody else wrote them.
   */
  function forget(all = !!read().visitor?.user_id): void {
    write({ era: all ? uid() : read().era });
    if (!all) on.forgotten();
  }

  function heed({ token, visitor }: Answer): void {
    const before = read().visitor;
    const other = !!before && before.id !== visitor.id;
    write({ era: other ? uid() : read().era, token, visitor, made: Date.now() });
  }

  /** One request at a time: a proof is good for one. */
  let asking: Promise<boolean> | undefined;
  const ask = () => {
    asking ??= askOnce().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  /** Answers whether there is sense in looking again at once. */
  async function askOnce(): Promise<boolean> {
    const { token } = read();
    const shown = proof;
    const body = { token: token ?? null, identity: shown ?? null };
    const { status, body: answer, code } = await request<Answer>('POST', 'sessions', body);
    if (read().token !== token) return true; // reset() or another tab came between
    if (answer) {
      heed(answer);
      if (shown) on.identified(answer.visitor);
    } else if (status === 401 && code?.startsWith('identity') && shown) on.error(code);
    else if (status === 401 && token) {
      forget();
      return true;
    } else {
      if (status && code) on.error(code);
      return false;
    }
    if (proof === shown) proof = undefined;
    return true;
  }

  return {
    key,
    request,
    forget,
    era: () => read().era,
    visitor: () => read().visitor ?? null,
    has: () => !!read().token,
    /** It is still this token: no other tab has renewed it. */
    holds: (token: string) => read().token === token,
    /** false: what is known here, no other tab and no later page will know. */
    durable: () => read() && durable,
    /** A proof waits to be presented. */
    proving: () => !!proof,
    prove(identity: Identity): void {
      proof = identity;
    },
    /** The gateway did not like the token: ask with it before it is used again. */
    doubt(): void {
      const record = read();
      if (record.token) write({ ...record, made: 0 });
    },
    /** A token to go on with, made when there is none and `wanted`; null: not now. */
    async token(wanted: () => boolean): Promise<string | null> {
      for (let tries = 0; tries < 3; tries++) {
        const { token, made = 0 } = read();
        const fresh = Date.now() - made < RENEW_AFTER_MS;
        if (!proof && (token ? fresh : !wanted())) return token ?? null;
        if (!(await ask())) break;
      }
      // A renewal may fail as long as the gateway has no doubt about the token itself.
      const { token, made } = read();
      return made && !proof ? (token ?? null) : null;
    },
    /** Ends the session here at once and at the gateway if it can be reached. */
    end(): void {
      proof = undefined;
      if (read().token) request('DELETE', 'sessions', undefined, { keepalive: true });
      forget(true);
    },
  };
}
