/** What every screen is given, and what screens know that the core does not: drafts, places, choices. */

import { type Signal, signal } from '../core/signal.js';
import type { App, Message, Problem, State } from '../core/state.js';
import type { Needs } from './needs.js';
import type { Key, Voice } from './words.js';

export interface Kept {
  shadow: ShadowRoot;
  extras: Needs;
  /** What stands in the composer. */
  draft: Signal<string>;
  /** What is wrong with it. */
  problem: Signal<Problem | null>;
  /** What is wrong with the form before the chat, by field. */
  wrong: Signal<Record<string, Key>>;
  /** Stars chosen and not sent yet. */
  stars: Signal<number>;
  /** The key of the last message at the last drawing. */
  newest?: string | undefined;
  /** The messages the core was told are on the screen. */
  told?: readonly Message[];
  /** Messages after this moment came while the visitor was here; '' until there is one. */
  since: string;
}

export type Ui = App & Voice & { kept: Kept };

/** Whether somebody is there: outside the hours nobody is, whoever has the inbox open. */
export const here = ({ present, look }: State) => {
  const hours = look.value?.hours;
  // The look may be of before the office opened.
  return present.value && (hours?.open !== false || Date.parse(hours.next ?? '') < Date.now());
};

export const keep = (shadow: ShadowRoot, extras: Needs): Kept => ({
  shadow,
  extras,
  draft: signal(''),
  problem: signal<Problem | null>(null),
  wrong: signal({}),
  stars: signal(0),
  since: '',
});

/** For somebody else. */
export function begin(kept: Kept): void {
  kept.draft.value = kept.since = '';
  kept.problem.value = null;
  kept.wrong.value = {};
  kept.stars.value = 0;
}
