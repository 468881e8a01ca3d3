/** What the tabs tell one another, and themselves: docs of each piece of news in one place. */

import type { Kept } from './disk.js';
import type { Identity, ServerFrame, Visitor } from './frames.js';
import type { Progress } from './queue.js';
import type { LinkState, State } from './state.js';

/** What a tab that comes later missed. */
export const STANDING = ['link', 'present', 'unavailable', 'limits'] as const;
export type Standing = { [K in (typeof STANDING)[number]]: State[K]['value'] };

/** name → what is told. Everything is heard by all tabs, the one that says it included. */
export interface Topics {
  frame: [ServerFrame];
  link: [LinkState];
  /** The queue on disk is another one. */
  words: [];
  progress: [Progress];
  /** A message was on the screen of one of the tabs. */
  saw: [conversation: string, seq: number];
  /** The token, and with it perhaps the era, is another one. */
  session: [];
  /** The token went, in the same era. */
  forgotten: [];
  identified: [Visitor];
  error: [code: string];
  /** A tab is new, or looked at again; the one that leads answers `all`. */
  hi: [];
  all: [Kept, Standing];
  /** Somebody opened the panel or wrote: there is to be a session. */
  wake: [];
  identify: [Identity];
  // For the tab that leads to do:
  typing: [];
  older: [];
}

export type News = { [K in keyof Topics]: [K, ...Topics[K]] }[keyof Topics];
export type Heed = { [K in keyof Topics]: (...told: Topics[K]) => void };
