/** What every screen is given, and what screens know that the core does not: drafts, places, choices. */

import { type Signal, signal } from '../core/signal.js';
import type { App } from '../core/state.js';
import { type Needs, needs } from './needs.js';
import type { Key, Voice } from './words.js';

export interface Kept {
  shadow: ShadowRoot;
  extras: Needs;
  /** What stands in the composer. */
  draft: Signal<string>;
  /** What is wrong with it. */
  problem: Signal<Key | null>;
  /** What is wrong with the form before the chat, by field. */
  wrong: Signal<Record<string, Key>>;
  /** Stars chosen and not sent yet. */
  stars: Signal<number>;
  /** The thread is scrolled up, away from what is new. */
  away: Signal<boolean>;
  /** A file hovers over the panel. */
  dragged: Signal<boolean>;
  /** The key of the last message at the last drawing. */
  newest?: string | undefined;
  /** Messages after this moment came while the visitor was here; '' until there is one. */
  since: string;
}

export type Ui = App & Voice & { kept: Kept };

export const keep = (shadow: ShadowRoot): Kept => ({
  shadow,
  extras: needs(),
  draft: signal(''),
  problem: signal<Key | null>(null),
  wrong: signal({}),
  stars: signal(0),
  away: signal(false),
  dragged: signal(false),
  since: '',
});
