/**
 * What the screens show and what they may do: the whole interface between core and screens.
 *
 * Screens read signals and call actions, nothing else. Values are replaced, never changed in place,
 * so `===` tells whether a message is the one that was drawn.
 */

import type { SluiceOptions } from '../sluice.js';
import type { FileView, Lead, PartView, ThreadView, Time, Visitor, Writer } from './frames.js';
import { type Signal, signal } from './signal.js';

/** What the page asked for: the script's data-attributes, then `sluice.set({…})`. */
export interface Options extends SluiceOptions {
  channel: string;
}

/** What `GET look` answers. */
export interface Look {
  title?: string;
  greeting?: string;
  /** What is said when nobody is there. */
  away?: string;
  colour?: string;
  position?: 'left' | 'right';
  theme?: 'auto' | 'light' | 'dark';
  language?: string;
  /** Fields to ask for before the first message, and whether they must be filled in. */
  form?: { name: 'name' | 'email' | 'phone'; required?: boolean }[];
  /** `next`: when the office opens. */
  hours?: { open: boolean; next?: Time };
  present?: boolean;
}

/** idle: nobody has opened the panel yet and there is no session. offline: trying again by itself. */
export type LinkState = 'idle' | 'connecting' | 'live' | 'offline';

/** sending: on disk here, not yet safe there. failed: `problem` says why; retry or discard. */
export type SendState = 'sending' | 'sent' | 'failed';

/** A message as it is shown. Of others `state` is always sent. */
export interface Message {
  /** The same from the first keystroke to the last history: for lists and focus. */
  key: string;
  /** '' while it is not known. */
  conversation: string;
  seq: number;
  at: Time;
  by: Writer;
  author?: string;
  parts: PartView[];
  deleted?: boolean;
  state: SendState;
  /** Our own, and the team has read it. */
  seen?: boolean;
  /** The `code` of the refusal: too_long, file_type, … */
  problem?: string;
  /** Files on their way up, 0 to 1. */
  progress?: number;
}

/** A conversation. `rating` also while it is still on its way. */
export type Thread = ThreadView;

export interface State {
  options: Signal<Options>;
  look: Signal<Look | null>;
  open: Signal<boolean>;
  link: Signal<LinkState>;
  /** The chat is closed to this visitor: the gateway's sentence, to be shown in place of the composer. */
  unavailable: Signal<string | null>;
  present: Signal<boolean>;
  visitor: Signal<Visitor | null>;
  /** Another one after reset(), or when another person begins: nothing of the one before is theirs. */
  era: Signal<string>;
  /** Newest first. */
  threads: Signal<readonly Thread[]>;
  /** As they are to be shown: by time, unsent at the end. Of all threads. */
  messages: Signal<readonly Message[]>;
  /** Somebody of the team writes now. */
  typing: Signal<{ author?: string | undefined } | null>;
  unread: Signal<number>;
  /** There is more before the first message. */
  older: Signal<'none' | 'some' | 'loading'>;
  /** What the visitor filled in; null: not yet (show the form, if `look` wants one and there is no thread). */
  lead: Signal<Lead | null>;
  /** In bytes. */
  limits: Signal<{ text: number; file: number }>;
  muted: Signal<boolean>;
  /** Of all tabs of the site this one has the link: for what is to happen once, like a sound. */
  leads: Signal<boolean>;
}

export interface Actions {
  open(): void;
  close(): void;
  /** Whether this visitor had the panel open on the page before, in this tab. */
  stays(): boolean;
  /** Puts a message into the queue. Answers why not: empty, too_long, file_too_big, too_many_files. */
  send(text: string, files?: readonly File[]): Problem | null;
  retry(key: string): void;
  /** Takes back what failed, or what is still on its way up. */
  discard(key: string): void;
  /** At every keystroke; says so to the team at most once in three seconds. */
  type(): void;
  /** This message was really on the screen (panel open, page visible, scrolled to). Cheap to repeat. */
  saw(message: Message): void;
  /** Fetches what was said before the first message. */
  more(): void;
  rate(conversation: string, score: number, comment?: string): void;
  /** The form before the chat was filled in; {} when it was skipped. Goes with the next message. */
  introduce(lead: Lead): void;
  mute(on: boolean): void;
}

export type Problem = 'empty' | 'too_long' | 'file_too_big' | 'too_many_files' | 'queue_full';

/** What the screens are given. `base`: the address everything of the widget lies under, with a slash. */
export interface App {
  state: State;
  actions: Actions;
  base: string;
}

/** What `src/screens/mount.tsx` exports: draws the widget into the page, for as long as it stands.
 * Answers when it is drawn for the first time. */
export type Mount = (app: App) => Promise<void>;

export type { FileView, Lead, PartView, Visitor };

export function createState(options: Options): State {
  return {
    options: signal(options),
    look: signal<Look | null>(null),
    open: signal(false),
    link: signal<LinkState>('idle'),
    unavailable: signal<string | null>(null),
    present: signal(false),
    visitor: signal<Visitor | null>(null),
    era: signal(''),
    threads: signal<readonly Thread[]>([]),
    messages: signal<readonly Message[]>([]),
    typing: signal<{ author?: string | undefined } | null>(null),
    unread: signal(0),
    older: signal<'none' | 'some' | 'loading'>('none'),
    lead: signal<Lead | null>(null),
    limits: signal({ text: 1024 * 1024, file: 0 }),
    muted: signal(false),
    leads: signal(false),
  };
}
