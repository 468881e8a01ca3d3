/**
 * What outlives the page: the queue of words and the history known so far. In IndexedDB, shared by
 * all tabs of the site; in memory where the browser keeps nothing, and then of this tab alone.
 */

import type { Cursors, Lead, MessageView, Page, ThreadView, Time } from './frames.js';

/** A word of the visitor's own, from the keystroke until history tells it. */
export interface Row {
  /** Its place in the queue; absent until it is on disk, 0 when the disk would not take it. */
  n?: number;
  /** The client's id: the same in every attempt, and the message's key on the screen. */
  id: string;
  /** Of which era (session.ts) it is: rows of another one are nobody's. */
  era: string;
  body:
    | { t: 'message'; text: string; lead?: Lead; page?: Page }
    | { t: 'rate'; conversation: string; score: number; comment?: string };
  /** Kept until history tells the message: to be shown, and for a retry to upload anew. */
  files?: { name: string; blob: Blob; handle?: string }[];
  /** When it was written, by this computer's clock: what is shown until the gateway says better. */
  written: Time;
  /** What `taken` said; goes into every repeat. */
  at?: Time;
  mark?: string;
  /** Accepted; history has not told it yet. */
  done?: boolean;
  /** Refused for good, by this code. */
  problem?: string;
}

/** What is known of the visitor's conversations; painted at once when a page opens. */
export interface Kept {
  era: string;
  visitor: string;
  threads: ThreadView[];
  messages: MessageView[];
  cursors: Cursors;
  read: Cursors;
  acked: Cursors;
}

export interface Disk {
  durable: boolean;
  rows(): Promise<Row[]>;
  /** Answers the row's place. Rejects when the disk is full. */
  add(row: Row): Promise<number>;
  /** Changes a row that is still there, in one transaction; undefined removes it. */
  change(n: number, how: (row: Row) => Row | undefined): Promise<unknown>;
  kept(): Promise<Kept | undefined>;
  keep(kept: Kept): Promise<unknown>;
  /** Removes whatever is not of this era. */
  wipe(era: string): Promise<unknown>;
  /** Takes or renews the lead among tabs until then; false while another tab has it. */
  lease(tab: string, until: number): Promise<boolean>;
}

interface Lease {
  tab: string;
  until: number;
}

type Work<T> = (store: IDBObjectStore) => IDBRequest<T> | undefined;

/** Of another era: to be removed. */
const foreign = (era: string) => (kept: { era?: string }) => kept.era !== era;

export async function openDisk(name: string, allowed: boolean): Promise<Disk> {
  if (allowed)
    try {
      return onDisk(await open(name));
    } catch {
      // A private window, a full disk, storage switched off: the page's memory it is.
    }
  return inMemory();
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('words', { keyPath: 'n', autoIncrement: true });
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = fail;
    // Some browsers never answer: a message must not wait for that.
    setTimeout(fail, 3000);
  });
}

function onDisk(db: IDBDatabase): Disk {
  /** One transaction. All are read-write, so those of all tabs run one after the other. */
  const within = <T>(store: 'words' | 'kept', work: Work<T>) =>
    new Promise<T>((done, fail) => {
      const transaction = db.transaction(store, 'readwrite', { durability: 'strict' });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => done(request?.result as T);
      transaction.onabort = () => fail(transaction.error);
    });
  db.onversionchange = () => db.close();

  const sift = (store: 'words' | 'kept', drop: (value: { era?: string }) => boolean) =>
    within(store, (all) => {
      const cursor = all.openCursor();
      cursor.onsuccess = () => {
        if (!cursor.result) return;
        if (drop(cursor.result.value)) cursor.result.delete();
        cursor.result.continue();
      };
      return undefined;
    });

  return {
    durable: true,
    rows: () => within('words', (words) => words.getAll() as IDBRequest<Row[]>),
    add: (row) => within('words', (words) => words.add(row) as IDBRequest<number>),
    change: (n, how) =>
      within('words', (words) => {
        const found = words.get(n) as IDBRequest<Row | undefined>;
        found.onsuccess = () => {
          const next = found.result && how(found.result);
          if (next) words.put(next);
          else words.delete(n);
        };
        return undefined;
      }),
    kept: () => within('kept', (kept) => kept.get('history') as IDBRequest<Kept | undefined>),
    keep: (history) => within('kept', (kept) => kept.put(history, 'history')),
    wipe: (era) =>
      Promise.all([
        sift('words', foreign(era)),
        sift('kept', (value) => !('tab' in value) && foreign(era)(value)),
      ]),
    async lease(tab, until) {
      let mine = false;
      await within('kept', (kept) => {
        const held = kept.get('lease') as IDBRequest<Lease | undefined>;
        held.onsuccess = () => {
          mine = !held.result || held.result.tab === tab || held.result.until < Date.now();
          if (mine) kept.put({ tab, until }, 'lease');
        };
        return undefined;
      });
      return mine;
    },
  };
}

function inMemory(): Disk {
  const rows = new Map<number, Row>();
  let last = 0;
  let history: Kept | undefined;
  return {
    durable: false,
    rows: async () => [...rows.values()],
    async add(row) {
      rows.set(++last, { ...row, n: last });
      return last;
    },
    async change(n, how) {
      const row = rows.get(n);
      const next = row && how(row);
      if (next) rows.set(n, next);
      else rows.delete(n);
    },
    kept: async () => history,
    async keep(kept) {
      history = kept;
    },
    async wipe(era) {
      if (history && foreign(era)(history)) history = undefined;
      for (const [n, row] of rows) if (foreign(era)(row)) rows.delete(n);
    },
    lease: async () => true,
  };
}
