/**
 * The visitor's own words, in order, from the keystroke until history tells them.
 *
 * Every tab writes into the queue; the tab that leads sends its head, and the next only when the
 * gateway has it for good. What is accepted stays as `done` until history tells it, so that a page
 * loaded anew while the inbox is away still shows it.
 */

import type { Disk, Row } from './disk.js';
import type { Rate, Refused, SaidPart, Say, ServerFrame, Time } from './frames.js';
import type { Announce } from './news.js';
import type { Upload } from './uploads.js';

const ANSWER_LIMIT_MS = 15_000;
const LATER_MIN_MS = 500;
/** An accepted word that history has not told by then never will be. */
const DONE_FOR_MS = 7 * 24 * 3600_000;

type File = Row['files'][number];
/** An answer to a word: what `taken`, `accepted` or `refused` say, each some of it. */
interface Answer extends Omit<Refused, 't'> {
  t: string;
  id: string;
  at: Time;
  mark: string;
}
type Change = (row: Row) => Row | undefined;

export const notUp = ({ handle }: File) => !handle;

/** How much of a row's files is up, 0 to 1. */
export interface Progress {
  id: string;
  part: number;
}

export interface QueueEvents {
  era(): string;
  /** This tab leads and its link is live. */
  ready(): boolean;
  send(frame: Say | Rate): void;
  /** The link does not answer. */
  doubt(): void;
  upload(file: File, progress: (part: number) => void, abort: AbortSignal): Promise<Upload>;
  /** When the visitor's last word before was taken. */
  after(): Time | undefined;
  /** Rows are other ones now, here. */
  changed(): void;
  /** Rows on disk are other ones now. */
  tell(): void;
  /** A row could not be put there: this tab has to send it itself. */
  alone(): void;
}

export type Queue = ReturnType<typeof createQueue>;

export function createQueue(disk: Disk, say: Announce, on: QueueEvents) {
  let rows: Row[] = [];
  /** The head that is on its way, and what waits for it. */
  let flying: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let rising: AbortController | undefined;
  let progress: Progress | undefined;
  /** One after the other, so that a reading never misses a writing before it. */
  let turn: Promise<unknown> = Promise.resolve();

  /** Answers undefined when the disk would not. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T | undefined> => {
    const next = turn.then(work).catch(() => undefined);
    turn = next;
    return next;
  };
  const write = (n: number, how: Change) => inTurn(() => disk.change(n, how));
  const mine = ({ era }: Row) => era === on.era();
  const isWaiting = ({ done, problem }: Row) => !done && !problem;
  const find = (id: string) => rows.find((row) => row.id === id);

  function set(next: Row[]): void {
    rows = next;
    if (flying && !rows.some((row) => row.id === flying && isWaiting(row))) halt();
    on.changed();
  }

  /** Changes a row here and on disk; then the next may go. */
  async function change(id: string, how: Change): Promise<void> {
    const row = find(id);
    if (!row) return;
    set(rows.flatMap((one) => (one === row ? (how(row) ?? []) : one)));
    const { n } = row;
    if (n) {
      await write(n, how);
      on.tell();
    }
    pump();
  }

  const gone = () => undefined;
  const remove = (id: string) => change(id, gone);

  /** What is on disk and of this era, and what is not there yet. */
  async function load(): Promise<void> {
    set(rows.filter(mine)); // at once: a disk may take its time, or never answer
    const kept = (await inTurn(disk.rows)) ?? rows;
    for (const row of kept) if (row.n && !mine(row)) write(row.n, gone);
    const others = rows.filter(({ n, id }) => !n && !kept.some((row) => row.id === id));
    set([...kept, ...others].filter(mine));
    pump();
  }

  async function add(row: Row): Promise<void> {
    // What is shown is safe: it is on disk, or goes out of memory as long as the page lives.
    const n = (await inTurn(() => disk.add(row))) ?? 0;
    if (!find(row.id) && mine(row)) set([...rows, { ...row, n }]);
    if (n) on.tell();
    else on.alone();
    pump();
  }

  /** The wire went, and with it the answer. A file goes up by a line of its own, and goes on. */
  function lost(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  /** Nothing is on its way any more. */
  function halt(): void {
    rising?.abort();
    flying = rising = progress = undefined;
    lost();
  }

  function wait(ms: number, doubt = false): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      if (doubt) on.doubt();
      pump();
    }, ms);
  }

  /** Sends the head, unless it is on its way. */
  function pump(): void {
    if (timer || rising || !on.ready()) return;
    const head = rows.find(isWaiting);
    flying = head?.id;
    if (head?.n === undefined) return; // none, or not on disk yet
    const next = head.files.find(notUp);
    if (next) raise(head, next);
    else {
      on.send(frameOf(head, on.after()));
      wait(ANSWER_LIMIT_MS, true);
    }
  }

  /** Sends up the next file of the head. */
  async function raise({ id, files }: Row, next: File): Promise<void> {
    const place = files.indexOf(next);
    const up = new AbortController();
    rising = up;
    const told = (part: number) =>
      up.signal.aborted || say('progress', { id, part: (place + part) / files.length });
    told(0);
    const { handle, problem } = await on.upload(next, told, up.signal);
    if (up.signal.aborted) return;
    halt();
    if (handle)
      change(id, (row) => ({
        ...row,
        files: row.files.map((file, at) => (at === place ? { ...file, handle } : file)),
      }));
    else if (problem) fail(id, problem);
    else wait(LATER_MIN_MS * 6); // how to send it up could not be loaded
  }

  const fail = (id: string, problem: string) => change(id, (row) => ({ ...row, problem }));

  return {
    load,
    pump,
    lost,
    halt,
    add,
    rows: () => rows as readonly Row[],
    /** Something waits to be sent. */
    waits: () => rows.some(isWaiting),
    progress: () => progress,
    /** Told by the tab that leads. */
    progressed(now: Progress): void {
      progress = now;
      on.changed();
    },

    /** What the gateway answers; in the tab that leads. */
    frame(frame: ServerFrame): void {
      const { t, id, at, mark, code, retry_s } = frame as Answer;
      if (t === 'taken') change(id, (row) => ({ ...row, at, mark }));
      if (t === 'accepted') change(id, (row) => ({ ...row, at, done: true }));
      if (t !== 'refused' || !id) return;
      if (retry_s === undefined) fail(id, code);
      else if (flying === id) wait(Math.max(LATER_MIN_MS, retry_s * 1000));
    },

    /** Lets go of what history tells, and of what it will never tell. */
    settle(told: (row: Row) => boolean): void {
      const old = new Date(Date.now() - DONE_FOR_MS).toISOString();
      for (const row of rows) if (told(row) || (row.done && row.at < old)) remove(row.id);
    },

    retry(id: string): void {
      change(id, ({ problem: _, mark: __, ...row }) => ({
        ...row,
        files: row.files.map(({ name, blob }) => ({ name, blob })),
      }));
    },

    /** Only of what is surely not with the gateway. */
    discard(id: string): void {
      change(id, (row) => (row.problem || row.files.some(notUp) ? undefined : row));
    },
  };
}

/** The frame that says a row. A repeat brings its own time, else it names the time before. */
function frameOf({ id, body, files, at, mark }: Row, after: Time | undefined): Say | Rate {
  if (body.t === 'rate') return { ...body, id };
  const { text, ...rest } = body;
  const parts: SaidPart[] = text ? [{ kind: 'text', text }] : [];
  for (const { handle } of files) if (handle) parts.push({ kind: 'file', file: handle });
  return { ...rest, id, parts, ...(mark ? { at, mark } : after && { after }) };
}
