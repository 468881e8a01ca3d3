/** The frames of widget-rt/1 as types; docs/widget/protocol.md is their story, widget_gateway/frames their bounds. */

/** RFC 3339 in UTC with milliseconds: two of them compare as strings. */
export type Time = string;
/** Conversation → the last `seq` of it that is here with nothing missing before. */
export type Cursors = Record<string, number>;

export const MAX_FRAME_BYTES = 64 * 1024;
export const MAX_PARTS = 10;

// What we send -----------------------------------------------------------------------------------

export interface Page {
  url?: string;
  title?: string;
  landing?: string;
  referrer?: string;
  language?: string;
  time_zone?: string;
  screen?: string;
}

/** What the visitor filled in before the chat. */
export interface Lead {
  name?: string;
  email?: string;
  phone?: string;
}

export type SaidPart = { kind: 'text'; text: string } | { kind: 'file'; file: string };

export interface Say {
  t: 'message';
  id: string;
  parts: SaidPart[];
  at?: Time;
  mark?: string;
  after?: Time;
  lead?: Lead | null;
  page?: Page;
}

export interface Rate {
  t: 'rate';
  id: string;
  conversation: string;
  score: number;
  comment?: string | undefined;
}

export interface Ack {
  t: 'ack';
  conversation: string;
  at: Time;
  delivered: number | undefined;
  read: number | undefined;
}

/** Asks for what was said before this place. */
export interface Older {
  t: 'older';
  conversation: string;
  before: number;
}

export type ClientFrame =
  | { t: 'hello'; proto: 1; token: string; cursors: Cursors }
  | Say
  | Ack
  | Rate
  | { t: 'typing'; on: boolean }
  | Older
  | { t: 'ping'; k: number };

// What we are told -------------------------------------------------------------------------------

/** `url`: without a token, good for a day or two; null while there is none. */
export interface FileView {
  url?: string | null;
  name?: string;
  mime_type?: string;
  size?: number;
}

/** `kind` is an open word; of an unknown one show `text`, if any. */
export interface PartView {
  kind: string;
  text?: string;
  file?: FileView;
  data?: Record<string, unknown>;
}

export type Writer = 'contact' | 'user' | 'ai' | 'system';

export interface MessageView {
  id: string;
  conversation: string;
  seq: number;
  at: Time;
  by: Writer;
  author?: string;
  /** By which id the visitor sent it. */
  client?: string;
  parts: PartView[];
  deleted?: boolean;
}

/** `seen`: how far the team has read. `ask`: stars are wanted. `rating`: those given. */
export interface ThreadView {
  id: string;
  open: boolean;
  last: number;
  seen: number;
  at: Time;
  ask?: boolean;
  rating?: number;
}

export interface Ready {
  t: 'ready';
  proto: 1;
  hb: number;
  /** Absent: not known yet, a frame `present` follows. */
  present?: boolean;
  max_text: number;
  max_file: number;
}

export interface History {
  t: 'history';
  threads: ThreadView[];
  messages: MessageView[];
  cursors: Cursors;
  more?: boolean;
}

export interface Live {
  t: 'part';
  conversation: string;
  message: string;
  seq: number;
  at: Time;
  by: Writer;
  author?: string;
  index: number;
  of: number;
  part: PartView;
}

export interface Refused {
  t: 'refused';
  id?: string;
  code: string;
  message: string;
  retry_s?: number;
}

export type ServerFrame =
  | Ready
  | History
  | Live
  | Refused
  | { t: 'older'; conversation: string; messages: MessageView[]; end: boolean }
  | { t: 'echo'; id: string; at: Time; parts: PartView[] }
  | { t: 'taken'; id: string; at: Time; mark: string }
  | { t: 'accepted'; id: string; at: Time }
  | { t: 'typing'; on: boolean; author?: string; ttl: number }
  | { t: 'present'; present: boolean }
  | { t: 'unavailable'; message: string }
  | { t: 'pong'; k: number };

// What requests answer ---------------------------------------------------------------------------

export interface Visitor {
  id: string;
  user_id?: string | null;
  name?: string | null;
}

export interface Session {
  token: string;
  expires_at: Time;
  visitor: Visitor;
}

/** A proof of who the visitor is, made by the site's own server. */
export type Identity =
  | { jwt: string }
  | { user_id: string; exp: number; nonce: string; hmac: string };
