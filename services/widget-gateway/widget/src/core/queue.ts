/**
 * The visitor's own words, in order, from the keystroke until history tells them.
 *
 * Every tab writes into the queue; the tab that leads sends its head, and the next only when the
 * gateway has it for good. What is accepted stays as `done` until history tells it, so that a page
 * loaded anew while the inbox is away still shows it.
 */

import type { Disk, Row } from './disk.js';
import type { Rate, Say, SaidPart, ServerFrame, Time } from './frames.js';
import type { Upload } from './uploads.js';

const ANSWER_LIMIT_MS = 15_000;
const LATER_MIN_MS = 500;
/** Where a wire broke with «not a frame» over the same head so often, the head is at fault. */
const POISONED_AFTER = 2;
/** An accepted word that history has not told by then never will be. */
const DONE_FOR_MS = 7 * 24 * 3600_000;

/** Uploads refused with these can never be accepted. */
const NEVER = [400, 403, 404, 413, 415, 422];

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
  upload(blob: Blob, name: string, progress: (part: number) => void, abort: AbortSignal): Promise<Upload>;
  /** When the visitor's last word before was taken. */
  after(): Time | undefined;
  /** How far the head's files are. */
  progress(progress: Progress): void;
  /** Rows are other ones now, here. */
  changed(): void;
  /** Rows on disk are other ones now; `row` when it could not be put there. */
  tell(row?: Row): void;
}

export type Queue = ReturnType<typeof createQueue>;

export function createQueue(disk: Disk, on: QueueEvents) {
  let rows: Row[] = [];
  /** The head that is on its way, and what waits for it. */
  let flying: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | undefined;
  let poison = 0;
  let progress: Progress | undefined;
  /** One after the other, so that a reading never misses a writing before it. */
  let turn: Promise<unknown> = Promise.resolve();

  const open = (row: Row) => !row.done && !row.problem;
  const inTurn = <T>(work: () => Promise<T>) => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };

  const find = (id: string) => rows.find((row) => row.id === id);

  /** Changes a row here and on disk; then the next may go. */
  async function change(id: string, how: (row: Row) => Row | undefined): Promise<void> {
    const row = find(id);
    if (!row) return;
    rows = rows.flatMap((one) => (one === row ? (how(row) ?? []) : one));
    on.changed();
    const { n } = row;
    if (n) await inTurn(() => disk.change(n, how)).then(() => on.tell(), () => {});
    pump();
  }

  /** What is on disk, and what is not there yet. */
  async function load(): Promise<void> {
    const era = on.era();
    const kept = await inTurn(() => disk.rows()).catch(() => [] as Row[]);
    const here = new Map(rows.map((row) => [row.id, row]));
    const mine = kept.filter((row) => row.era === era);
    const ids = new Set(mine.map((row) => row.id));
    rows = [
      // What is unchanged stays the same object.
      ...mine.map((row) => {
        const known = here.get(row.id);
        return known && JSON.stringify(known) === JSON.stringify(row) ? known : row;
      }),
      ...rows.filter((row) => !row.n && row.era === era && !ids.has(row.id)),
    ];
    if (flying && !rows.some((row) => row.id === flying)) halt();
    on.changed();
    pump();
  }

  async function add(row: Row): Promise<void> {
    rows = [...rows, row];
    on.changed();
    // When the disk is full it goes out of memory, as long as the page lives.
    const n = await inTurn(() => disk.add(row)).catch(() => 0);
    if (!find(row.id) && n) await disk.change(n, () => undefined); // taken back meanwhile
    rows = rows.map((one) => (one.id === row.id ? { ...one, n } : one));
    on.tell(n ? undefined : { ...row, n });
    pump();
  }

  /** Nothing is on its way any more: the link went. */
  function halt(): void {
    clearTimeout(timer);
    timer = undefined;
    flying = progress = undefined;
    abort?.abort();
    abort = undefined;
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
    if (timer || abort || !on.ready()) return;
    const head = rows.find(open);
    flying = head?.id;
    if (head?.n === undefined) return; // none, or not on disk yet
    const next = head.files?.find((file) => !file.handle);
    if (next) raise(head, next.blob, next.name);
    else {
      on.send(frameOf(head, on.after()));
      wait(ANSWER_LIMIT_MS, true);
    }
  }

  async function raise({ id, files = [] }: Row, blob: Blob, name: string): Promise<void> {
    const mine = new AbortController();
    abort = mine;
    const raised = files.filter((file) => file.handle).length;
    const told = (part: number) => {
      if (!mine.signal.aborted) on.progress({ id, part: (raised + part) / files.length });
    };
    told(0);
    const { handle, status, code } = await on.upload(blob, name, told, mine.signal);
    if (mine.signal.aborted) return;
    abort = progress = undefined;
    if (handle)
      change(id, (row) => ({
        ...row,
        files: row.files?.map((file, at) => (at === raised ? { ...file, handle } : file)) ?? [],
      }));
    else if (NEVER.includes(status)) fail(id, code ?? 'file_refused');
    else wait(2000 + 3000 * Math.random(), !status);
  }

  function fail(id: string, problem: string): void {
    halt();
    change(id, (row) => ({ ...row, problem }));
  }

  return {
    load,
    pump,
    halt,
    add,
    rows: () => rows as readonly Row[],
    /** Something waits to be sent. */
    waits: () => rows.some(open),
    progress: () => progress,
    /** Told by the tab that leads. */
    progressed(now: Progress): void {
      progress = now;
      on.changed();
    },

    /** A row that another tab could not put on disk. */
    carry(row: Row): void {
      if (!find(row.id)) rows = [...rows, row];
      on.changed();
      pump();
    },

    /** What the gateway answers: the tab that leads writes it down, others see it on disk. */
    frame(frame: ServerFrame, leads: boolean): void {
      if (!('id' in frame && frame.id) || (!leads && find(frame.id)?.n)) return;
      const { id } = frame;
      if (frame.t === 'taken') {
        const { at, mark } = frame;
        change(id, (row) => ({ ...row, at, mark }));
      } else if (frame.t === 'accepted') {
        const { at } = frame;
        if (flying === id) halt();
        poison = 0;
        change(id, (row) => ({ ...row, at, done: true }));
      } else if (frame.t === 'refused') {
        if (frame.retry_s === undefined) fail(id, frame.code);
        else if (flying === id) wait(Math.max(LATER_MIN_MS, frame.retry_s * 1000));
      }
    },

    /** The gateway could not read what it was sent. */
    poisoned(): void {
      if (flying && ++poison >= POISONED_AFTER) fail(flying, 'protocol');
    },

    /** Lets go of what history tells, and of what it will never tell. */
    settle(told: (row: Row) => boolean, leads: boolean): void {
      const old = new Date(Date.now() - DONE_FOR_MS).toISOString();
      for (const row of rows) {
        if ((!leads && row.n) || !(told(row) || (row.done && row.written < old))) continue;
        if (flying === row.id) halt();
        change(row.id, () => undefined);
      }
    },

    /** Of another visitor now: the times given to the old one are worth nothing. */
    rename(): void {
      halt();
      for (const { id, done } of rows)
        change(id, ({ at: _, mark: __, ...row }) => (done ? undefined : row));
    },

    retry(id: string): void {
      const row = find(id);
      if (!row?.problem) return;
      // At the end: what came after it may have been said meanwhile.
      const { n, at, mark, problem, ...again } = row;
      change(id, () => undefined);
      add({
        ...again,
        ...(row.files && { files: row.files.map(({ name, blob }) => ({ name, blob })) }),
      });
    },

    discard(id: string): void {
      if (find(id)?.done) return;
      if (flying === id) halt();
      change(id, () => undefined);
    },

    /** Everything of an era before is gone. */
    clear(): void {
      halt();
      rows = [];
      on.changed();
    },
  };
}

/** The frame that says a row. A repeat brings its own time, else it names the time before. */
function frameOf({ id, body, files, at, mark }: Row, after: Time | undefined): Say | Rate {
  if (body.t === 'rate') return { ...body, id };
  const { text, lead, page } = body;
  const parts: SaidPart[] = text ? [{ kind: 'text', text }] : [];
  for (const { handle } of files ?? []) if (handle) parts.push({ kind: 'file', file: handle });
  return {
    t: 'message',
    id,
    parts,
    ...(at && mark ? { at, mark } : after && { after }),
    ...(lead && { lead }),
    ...(page && { page }),
  };
}
