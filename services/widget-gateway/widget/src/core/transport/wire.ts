/** What a socket and a long poll have in common, as link.ts uses them. */

import type { ClientFrame, Cursors, ServerFrame } from '../frames.js';
import type { Reply } from '../session.js';

export interface Wire {
  send(frame: ClientFrame): void;
  /** Ends it; nothing is told any more. */
  close(): void;
}

/** Session.request, for what answers frames. */
export type Request = (
  path: string,
  body: object,
  init?: RequestInit,
) => Promise<Reply<{ frames: ServerFrame[] }>>;

/** What a wire is opened with, and tells to. */
export interface Ends {
  /** The channel's, without a slash. */
  address: string;
  token: string;
  request: Request;
  cursors(): Cursors;
  /** Posts a frame beside the wire; its answers come as frames. */
  post(frame: ClientFrame): void;
  frame(frame: ServerFrame): void;
  /** Once, and never after close(). `code` as of a WebSocket, 0 when nothing was said. */
  closed(code: number): void;
}

export type Open = (ends: Ends) => Wire;
