/**
 * Who the visitor is to the gateway: the token, kept for the next page, and the requests made with it.
 *
 * An era is the time from one reset() to the next: whatever is on disk carries its name, so that
 * nothing of the visitor before is ever taken for this one's, however a wipe was interrupted.
 */

import type { Session as Answer, Identity, Visitor } from './frames.js';
import { uid } from './ids.js';
import type { Announce } from './news.js';

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
export type Reply<T> = { status: number } & Partial<T & { code: string }>;

export type Session = ReturnType<typeof createSession>;

/** `key`: under which it is kept. */
export function createSession(address: string, key: string, say: Announce) {
  let memory: Held = { era: uid() };
  let durable = true;
  /** To be presented with the next request for a session. */
  let proof: Identity | undefined;
  /** One request at a time: a proof is good for one. */
  let asking: Promise<boolean> | undefined;

  function write(held: Held): void {
    memory = held;
    try {
      localStorage.setItem(key, JSON.stringify(held));
    } catch {
      durable = false; // a private window, storage switched off or full
    }
  }

  /** Always read anew: another tab may have written it. */
  function read(): Held {
    try {
      const kept = durable && localStorage.getItem(key);
      if (kept) memory = JSON.parse(kept);
      // The site's data was cleared: with a token goes whoever had it.
      else if (durable) write(memory.token ? { era: uid() } : memory);
    } catch {
      durable = false;
    }
    return memory;
  }

  function hold(held: Held): void {
    write(held);
    say('session');
  }

  async function request<T>(path: string, body?: object, init?: RequestInit): Promise<Reply<T>> {
    const { token } = read();
    try {
      const response = await fetch(`${address}/${path}`, {
        method: 'POST',
        credentials: 'omit',
        signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        headers: token ? { Authorization: `Bearer ${token}` } : {},
        body: body ? JSON.stringify(body) : null,
        ...init,
      });
      return { ...(await response.json()), status: response.status };
    } catch {
      return { status: 0 } as Reply<T>;
    }
  }

  /**
   * The token is worth nothing: forgets it. With a user of the site goes everything, as at reset();
   * of an anonymous visitor the words that are not sent yet stay, for nobody else wrote them.
   */
  function forget(all = !!read().visitor?.user_id): void {
    const next = proof; // whose session it was makes no odds to who comes next
    hold({ era: all ? uid() : memory.era });
    proof = next;
    if (!all) say('forgotten');
  }

  /** Answers whether there is sense in looking again at once. */
  async function ask(): Promise<boolean> {
    const { token: before, visitor: old, era } = read();
    const shown = proof;
    const { status, code, token, visitor } = await request<Answer>('sessions', {
      token: before ?? null,
      identity: shown ?? null,
    });
    const now = read();
    if (now.token !== before || now.era !== era) return true; // reset() or another tab came between
    if (token && visitor) {
      const other = old && old.id !== visitor.id;
      hold({ era: other ? uid() : era, token, visitor, made: Date.now() });
      if (shown) say('identified', visitor, shown);
      return true;
    }
    const refused = status === 401;
    if (refused && before && code?.startsWith('session')) forget();
    else if (code) say('error', code, shown);
    return refused;
  }

  return {
    key,
    request,
    forget,
    era: () => read().era,
    visitor: () => read().visitor ?? null,
    token: () => read().token,
    /** false: what is known here, no other tab and no later page will know. */
    durable: () => !!read() && durable,
    /** A proof waits to be presented. */
    proving: () => !!proof,
    prove(identity?: Identity): void {
      proof = identity;
    },
    /** This one was heeded, or is worth nothing; another may have come since. */
    proved(shown?: Identity): void {
      if (JSON.stringify(shown) === JSON.stringify(proof)) proof = undefined;
    },
    /** The gateway did not like the token: ask with it before it is used again. */
    doubt(): void {
      write({ ...read(), made: 0 });
    },
    /** A token to go on with, made when there is none and `wanted`. None: not now. */
    async have(wanted: () => boolean): Promise<string | undefined> {
      for (let more = true; more; ) {
        const { token, made = 0 } = read();
        const fresh = Date.now() - made < RENEW_AFTER_MS;
        if (!proof && (token ? fresh : !wanted())) return token;
        asking ??= ask().finally(() => {
          asking = undefined;
        });
        more = await asking;
      }
      // A renewal may fail as long as the gateway has no doubt about the token itself.
      return proof || !read().made ? undefined : memory.token;
    },
    /** Ends the session here at once, and at the gateway if it can be reached. */
    end(): void {
      proof = undefined;
      if (read().token) request('sessions', undefined, { method: 'DELETE', keepalive: true });
      forget(true);
    },
  };
}
