/** What the tabs tell one another, and themselves: docs of each piece of news in one place. */

import type { Kept } from './disk.js';
import type { Identity, Older, ServerFrame, Visitor } from './frames.js';
import type { Progress } from './queue.js';
import type { State } from './state.js';

/** What only the tab that leads finds out; a tab that comes later missed it. */
export const STANDING = ['link', 'present', 'unavailable', 'limits'] as const;
type Standing = { [K in (typeof STANDING)[number] | 'muted' | 'lead']: [K, State[K]['value']] };

/** name → what is told. Everything is heard by all tabs, the one that says it included. */
export interface Topics {
  frame: [ServerFrame];
  /** So it stands now. */
  is: Standing[keyof Standing];
  /** The queue on disk is another one. */
  words: [];
  progress: [Progress];
  /** A message was on the screen of one of the tabs. */
  saw: [conversation: string, seq: number];
  /** A token came or went; the era may be another one. */
  session: [];
  /** The token went, in the same era: what was read and told is gone, what is unsent stays. */
  forgotten: [];
  /** A proof was heeded. */
  identified: [Visitor, Identity];
  /** A request was refused, and the proof it came with. */
  error: [code: string, shown: Identity | undefined];
  /** A tab is new, or looked at again; the one that leads answers with what it knows. */
  hi: [];
  known: [Kept];
  /** Somebody opened the panel or wrote: there is to be a session. */
  wake: [];
  identify: [Identity];
  // For the tab that leads to do:
  typing: [];
  older: [Older];
}

export type News = { [K in keyof Topics]: [K, ...Topics[K]] }[keyof Topics];
export type Heed = { [K in keyof Topics]: (...told: Topics[K]) => void };
/** Tells all tabs, this one at once. */
export type Announce = (...news: News) => void;
