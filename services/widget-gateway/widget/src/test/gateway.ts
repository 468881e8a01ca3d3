/**
 * A gateway in memory that speaks widget-rt/1 (docs/widget/protocol.md), with the faults of a bad day:
 * it can be away, refuse sockets, lose frames and break wires. Tests look at what it took.
 */

import type { ClientFrame, History, MessageView, Say, ServerFrame } from '../core/frames.js';

export const BASE = 'https://chat.example/widget/v1/';
export const CONVERSATION = '00000000-0000-4000-8000-000000000001';

/** A visitor as the gateway knows them. */
interface Known {
  visitor: string;
  user?: string;
}

/** One in `n`: so often that happens. 0: never. */
export interface Faults {
  /** A frame of the client does not arrive, and the wire breaks. */
  lostUp: number;
  /** The message is taken for good, but the wire breaks before the answer. */
  lostDown: number;
}

let made = 0;
const fresh = (what: string) => `${what}-${String(++made).padStart(12, '0')}`;

export class Gateway {
  online = true;
  sockets = true;
  faults: Faults = { lostUp: 0, lostDown: 0 };
  /** Every socket is closed with this code when it says hello. */
  closing = 0;
  /** Sockets opened. */
  dials = 0;
  /** Decides which frame is lost: 0 ≤ x < 1. */
  random: () => number = () => 1;
  /** Everything the inbox has, in its order. */
  messages: MessageView[] = [];
  /** Every frame that came in, and every request. */
  heard: ClientFrame[] = [];
  requests: string[] = [];
  tokens = new Map<string, Known>();
  ended = new Set<string>();
  wires = new Set<FakeSocket>();
  /** What a message is answered with instead of being taken. */
  refusals = new Map<string, Extract<ServerFrame, { t: 'refused' }>>();
  threadOpen = true;
  clock = Date.UTC(2026, 0, 1);
  seen = 0;
  /** What is asked for a session is answered with this. */
  sessionProblem: { status: number; code: string } | null = null;

  now(): string {
    return new Date(++this.clock).toISOString();
  }

  texts(): string[] {
    return this.messages.map(({ parts }) => parts[0]?.text ?? parts[0]?.kind ?? '');
  }

  /** An answer of the team: live first, whole with the next history. */
  answer(text: string): void {
    const message: MessageView = {
      id: fresh('team'),
      conversation: CONVERSATION,
      seq: this.messages.length + 1,
      at: this.now(),
      by: 'user',
      author: 'Ann',
      parts: [{ kind: 'text', text }],
    };
    this.messages.push(message);
    const { id, parts, ...rest } = message;
    for (const wire of this.wires) {
      wire.tell({ t: 'part', message: id, index: 0, of: 1, part: parts[0]!, ...rest, by: 'user' });
      wire.history();
    }
  }

  history(cursors: Record<string, number>): History {
    const after = cursors[CONVERSATION] ?? 0;
    const last = this.messages.length;
    const thread = {
      id: CONVERSATION,
      open: this.threadOpen,
      last,
      seen: this.seen,
      at: this.messages.at(-1)?.at ?? '',
    };
    return {
      t: 'history',
      threads: last ? [thread] : [],
      messages: this.messages.filter(({ seq }) => seq > after),
      cursors: last ? { [CONVERSATION]: last } : {},
      more: false,
    };
  }

  /** A message of the visitor's: at the same id the first one counts. */
  take(say: Say): { at: string; mark: string } {
    const known = this.messages.find(({ client }) => client === say.id);
    const at = known?.at ?? (say.mark ? say.at! : this.now());
    if (!known)
      this.messages.push({
        id: fresh('own'),
        client: say.id,
        conversation: CONVERSATION,
        seq: this.messages.length + 1,
        at,
        by: 'contact',
        parts: say.parts.map((part) =>
          part.kind === 'text' ? part : { kind: 'document', file: { url: `files/${part.file}` } },
        ),
      });
    return { at, mark: `mark of ${say.id} ${at}` };
  }

  session(body: { token: string | null; identity: Record<string, unknown> | null }) {
    if (this.sessionProblem) return this.sessionProblem;
    const known = body.token ? this.tokens.get(body.token) : undefined;
    if (body.token && this.ended.has(body.token)) return { status: 401, code: 'session_ended' };
    if (body.token && !known) return { status: 401, code: 'session_refused' };
    const user = body.identity?.['user_id'] as string | undefined;
    if (user === 'nobody') return { status: 401, code: 'identity_refused' };
    const other = user && known?.user && known.user !== user;
    const next: Known = {
      visitor: known && !other ? known.visitor : fresh('visitor'),
      ...((user ?? known?.user) && { user: user ?? known?.user ?? '' }),
    };
    const token = fresh('token');
    this.tokens.set(token, next);
    const visitor = { id: next.visitor, user_id: next.user ?? null, name: null };
    return { status: 200, token, expires_at: '', visitor };
  }

  /** What `fetch` is in a test. */
  fetch = async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(address).split('/').pop() ?? '';
    this.requests.push(`${init.method ?? 'GET'} ${path}`);
    await new Promise((next) => setImmediate(next));
    if (!this.online) throw new TypeError('Failed to fetch');
    const bearer = new Headers(init.headers).get('Authorization')?.slice(7) ?? '';
    const body = init.body ? JSON.parse(String(init.body)) : null;
    const json = (answer: { status?: number }) =>
      new Response(JSON.stringify(answer), { status: answer.status ?? 200 });
    if (path === 'sessions' && init.method === 'POST') return json(this.session(body));
    if (!this.tokens.has(bearer) || this.ended.has(bearer))
      return json({ status: 401, code: 'session_refused' } as never);
    if (init.method === 'DELETE') {
      this.end(bearer);
      return new Response(null, { status: 204 });
    }
    if (path === 'poll') return this.poll(body, init.signal ?? null, json);
    if (path === 'frames') return json({ frames: this.hear(body) } as never);
    throw new Error(`no such door: ${path}`);
  };

  private async poll(
    body: { cursors: Record<string, number>; wait: number },
    signal: AbortSignal | null,
    json: (answer: object) => Response,
  ): Promise<Response> {
    const news = () => this.history(body.cursors).messages.length > 0;
    const until = Date.now() + body.wait * 1000;
    while (!news() && Date.now() < until && !signal?.aborted)
      await new Promise((next) => setTimeout(next, 100));
    if (signal?.aborted || !this.online) throw new TypeError('Failed to fetch');
    return json({ frames: [this.ready(), this.history(body.cursors)] });
  }

  ready(): ServerFrame {
    return { t: 'ready', proto: 1, hb: 25, present: true, max_text: 1000, max_file: 5000 };
  }

  /** The session is over: its sockets close with 4003. */
  end(token: string): void {
    this.ended.add(token);
    for (const wire of this.wires) if (wire.token === token) wire.break(4003);
  }

  /** What a frame is answered with. */
  hear(frame: ClientFrame): ServerFrame[] {
    this.heard.push(frame);
    if (frame.t === 'ping') return [{ t: 'pong', k: frame.k }];
    if (frame.t === 'rate') return [{ t: 'accepted', id: frame.id, at: this.now() }];
    if (frame.t === 'older') {
      const messages = this.messages.filter(({ seq }) => seq < frame.before);
      return [{ t: 'older', conversation: CONVERSATION, messages, end: true }];
    }
    if (frame.t !== 'message') return [];
    const refusal = this.refusals.get(frame.parts[0]?.kind === 'text' ? frame.parts[0].text : '');
    if (refusal) return [{ ...refusal, id: frame.id }];
    const { at, mark } = this.take(frame);
    const { id } = frame;
    return [
      { t: 'taken', id, at, mark },
      { t: 'accepted', id, at },
    ];
  }

  one(in_n: number): boolean {
    return in_n > 0 && this.random() < 1 / in_n;
  }
}

let current: Gateway;

/** What `WebSocket` is in a test; it dials the gateway that was put there last. */
export class FakeSocket {
  static dial(gateway: Gateway): typeof FakeSocket {
    current = gateway;
    return FakeSocket;
  }

  readyState = 0;
  token = '';
  cursors: Record<string, number> = {};
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly gateway = current;

  constructor(readonly address: string) {
    this.gateway.dials++;
    setTimeout(() => {
      if (!this.gateway.online || !this.gateway.sockets) this.break(1006);
      else {
        this.readyState = 1;
        this.gateway.wires.add(this);
        this.onopen?.();
      }
    }, 5);
  }

  send(text: string): void {
    if (this.readyState !== 1) return;
    setTimeout(() => this.hear(JSON.parse(text)), 2);
  }

  private hear(frame: ClientFrame): void {
    const { gateway } = this;
    if (this.readyState !== 1 || !gateway.online) return;
    if (frame.t === 'hello') this.greet(frame);
    else if (gateway.one(gateway.faults.lostUp)) this.break(1006);
    else this.heed(frame);
  }

  private heed(frame: ClientFrame): void {
    const { gateway } = this;
    const answers = gateway.hear(frame);
    if (gateway.one(gateway.faults.lostDown)) this.break(1006);
    for (const answer of answers) this.tell(answer);
    if (frame.t === 'message') this.history();
  }

  private greet({ token, cursors }: Extract<ClientFrame, { t: 'hello' }>): void {
    const { gateway } = this;
    if (gateway.closing) this.break(gateway.closing);
    else if (gateway.ended.has(token)) this.break(4003);
    else if (!gateway.tokens.has(token)) this.break(4004);
    this.token = token;
    this.cursors = { ...cursors };
    this.tell(gateway.ready());
    this.history();
  }

  history(): void {
    const history = this.gateway.history(this.cursors);
    this.cursors = { ...history.cursors };
    this.tell(history);
  }

  tell(frame: ServerFrame): void {
    const data = JSON.stringify(frame);
    if (this.readyState !== 1) return;
    setTimeout(() => this.readyState === 1 && this.gateway.online && this.onmessage?.({ data }), 2);
  }

  break(code: number): void {
    this.gateway.wires.delete(this);
    if (this.readyState === 3) return;
    this.readyState = 3;
    setTimeout(() => this.onclose?.({ code }), 1);
  }

  close(): void {
    this.gateway.wires.delete(this);
    this.readyState = 3;
  }
}
