/**
 * `window.sluice`: the widget's API for the page it stands on. Calls before the widget is loaded are
 * kept and heeded then; nothing here ever throws.
 *
 * For TypeScript: copy this file into the project, or refer to it by
 * `/// <reference path="sluice.d.ts" />`.
 */

export interface SluiceVisitor {
  id: string;
  user_id?: string | null;
  name?: string | null;
}

/** A message of the team, as it came. */
export interface SluiceMessage {
  id: string;
  conversation: string;
  /** RFC 3339, UTC. */
  at: string;
  by: 'user' | 'ai' | 'system';
  author?: string | undefined;
  /** The words of it; of a file its caption. Not markup. */
  text: string;
}

export interface SluiceEvents {
  /** The widget is drawn. */
  ready: undefined;
  open: undefined;
  close: undefined;
  message: SluiceMessage;
  /** How many messages the visitor has not seen. */
  unread: number;
  /** The proof was heeded. */
  identify: SluiceVisitor;
  /** A request was refused, by this code: identity_expired, foreign_origin, … */
  error: string;
}

/** What the site's server made to prove who the visitor is. */
export type SluiceIdentity =
  | { jwt: string }
  | { user_id: string; exp: number; nonce: string; hmac: string };

/** Each also as a data-attribute of the script: `data-auto-open`, `data-theme="dark"`. */
export interface SluiceOptions {
  /** BCP 47; otherwise that of the page, then of the browser. */
  language?: string;
  position?: 'left' | 'right';
  theme?: 'auto' | 'light' | 'dark';
  autoOpen?: boolean;
  /** false: no button; the page opens the panel itself. */
  launcher?: boolean;
  /** false: never a sound. */
  sound?: boolean;
}

export interface Sluice {
  open(): void;
  close(): void;
  toggle(): void;
  /** Tells who the visitor is. A proof is good once and for ten minutes. */
  identify(proof: SluiceIdentity): void;
  /** At logout: forgets the visitor, what they said and what was not sent yet, in all tabs. */
  reset(): void;
  set(options: SluiceOptions): void;
  /** Answers what takes the listener off again. */
  on<E extends keyof SluiceEvents>(event: E, heed: (about: SluiceEvents[E]) => void): () => void;
}

declare global {
  interface Window {
    sluice?: Sluice;
  }
}
