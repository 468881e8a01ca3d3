/** A browser for tests: storage that outlives a page, tabs that hear one another, locks, and time. */

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { type Core, createCore } from '../core/core.js';
import { createState, type State } from '../core/state.js';
import { BASE, FakeSocket, type Gateway } from './gateway.js';

export interface Tab extends Core {
  state: State;
  /** What the page's own scripts were told. */
  told: [event: string, about: unknown][];
}

/** Web Locks of one name after the other, with `steal`. */
class Locks {
  private held = new Map<string, (robbed: DOMException) => void>();
  private waiting = new Map<string, (() => void)[]>();

  request(name: string, { steal }: { steal?: boolean }, work: () => Promise<unknown>) {
    return new Promise((_, fail) => {
      const take = () => {
        this.held.set(name, fail);
        work();
      };
      const holder = this.held.get(name);
      if (holder && !steal) {
        this.waiting.set(name, [...(this.waiting.get(name) ?? []), take]);
        return;
      }
      setTimeout(() => {
        holder?.(new DOMException('stolen', 'AbortError'));
        take();
      });
      if (!holder) this.held.set(name, fail);
    });
  }
}

/** A tab's channel: heard by every other one of the same name, one turn later. */
class Channel {
  static all = new Set<Channel>();
  /** Tabs that are frozen: they hear nothing and say nothing. */
  static frozen = new Set<Channel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) {
    Channel.all.add(this);
  }
  postMessage(data: unknown): void {
    if (Channel.frozen.has(this)) return;
    const copy = structuredClone(data);
    for (const other of Channel.all)
      if (other !== this && other.name === this.name)
        setTimeout(() => Channel.frozen.has(other) || other.onmessage?.({ data: copy }));
  }
}

/** Silences whatever leads now, as a browser does with a tab it has put to sleep. */
export function freezeAll(): void {
  for (const channel of Channel.all) Channel.frozen.add(channel);
}

/** What the pages that are open listen to, in the window they share here. */
let listening: Parameters<typeof window.addEventListener>[] = [];
const really = window.addEventListener.bind(window);

function listen(): void {
  for (const [event, heed, options] of listening) window.removeEventListener(event, heed, options);
  listening = [];
  vi.stubGlobal('addEventListener', (...all: Parameters<typeof window.addEventListener>) => {
    listening.push(all);
    really(...all);
  });
}

/** A new profile: nothing is kept. Call it before each test. */
export function newBrowser(gateway: Gateway, { locks = true } = {}): void {
  vi.useRealTimers();
  listen();
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  Channel.all.clear();
  Channel.frozen.clear();
  localStorage.clear();
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('fetch', gateway.fetch);
  vi.stubGlobal('WebSocket', FakeSocket.dial(gateway));
  vi.stubGlobal('BroadcastChannel', Channel);
  Object.defineProperty(navigator, 'locks', {
    value: locks ? new Locks() : undefined,
    configurable: true,
  });
}

/** The pages of before are gone: their locks, channels and sockets with them. What is kept stays. */
export function closePages(gateway: Gateway): void {
  for (const wire of [...gateway.wires]) wire.close();
  vi.clearAllTimers();
  listen();
  Channel.all.clear();
  Object.defineProperty(navigator, 'locks', { value: new Locks(), configurable: true });
}

export async function openTab(): Promise<Tab> {
  const state = createState({ channel: 'acme' });
  const told: Tab['told'] = [];
  const core = createCore(state, BASE, (event, about) =>
    told.push([
      event,
      typeof about === 'object' && 'parts' in about ? about.parts[0]?.text : about,
    ]),
  );
  let tab: Tab | undefined;
  core.then((made) => {
    tab = { ...made, state, told };
  });
  await until(() => !!tab);
  return tab!;
}

/** Lets time pass until something holds; fails after two minutes of it. */
export async function until(holds: () => boolean, limit = 120_000): Promise<void> {
  for (let passed = 0; passed < limit; passed += 20) {
    if (holds()) return;
    await pass(20);
  }
  throw new Error(`it never came to hold: ${holds}`);
}

/** Lets so many milliseconds pass, and the disk work. */
export async function pass(ms: number): Promise<void> {
  const step = Math.min(ms, 500);
  for (let left = ms; left > 0; left -= step) {
    await vi.advanceTimersByTimeAsync(Math.min(left, step));
    for (let turn = 0; turn < 6; turn++) await new Promise((next) => setImmediate(next));
  }
}

/** What the visitor sees: the words, and of their own how each stands. */
export const shown = ({ state }: Tab): string[] =>
  state.messages.value.map(({ parts, by, state: stands }) => {
    const text = parts[0]?.text ?? parts[0]?.kind;
    return by === 'contact' ? `${text} (${stands})` : `${by}: ${text}`;
  });
