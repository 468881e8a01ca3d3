/**
 * What outlives the page: the queue of words and the history known so far, in IndexedDB, shared by all
 * tabs of the site. Where the browser keeps nothing every call rejects, and whoever called goes on
 * with what it has in memory.
 */

import type { Cursors, History, Lead, Page, Time } from './frames.js';

/** A word of the visitor's own, from the keystroke until history tells it. */
export interface Row {
  /** Its place in the queue; absent until it is on disk, 0 when the disk would not take it. */
  n?: number;
  /** The client's id: the same in every attempt, and the message's key on the screen. */
  id: string;
  /** Of which era (session.ts) it is: rows of another one are nobody's. */
  era: string;
  body:
    | { t: 'message'; text: string; lead?: Lead | null; page?: Page }
    | { t: 'rate'; conversation: string; score: number; comment?: string | undefined };
  /** Kept until history tells the message: to be shown, and for a retry to upload anew. */
  files: { name: string; blob: Blob; handle?: string }[];
  /** What is shown until `taken` says better: when it was written, by this computer's clock. */
  at: Time;
  /** What `taken` said with its time; both go into every repeat. */
  mark?: string;
  /** Accepted; history has not told it yet. */
  done?: boolean;
  /** Refused for good, by this code. */
  problem?: string;
}

/** What is known of the visitor's conversations; painted at once when a page opens. */
export interface Kept extends History {
  era: string;
  read: Cursors;
  muted: boolean;
  /** What the visitor filled in before the chat. */
  lead: Lead | null;
  /** When the first of it was told. */
  since: number;
}

/** The one store: words at their places from 1, the history at this one. */
const HISTORY = 0;
const STORE = 'rows';
/** Some browsers never answer: a message must not wait for that. */
const OPEN_LIMIT_MS = 3000;

export type Disk = Awaited<ReturnType<typeof openDisk>>;

function open(name: string): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(STORE, { keyPath: 'n', autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = fail;
    setTimeout(fail, OPEN_LIMIT_MS);
  });
}

export async function openDisk(name: string, allowed: boolean) {
  let db: IDBDatabase | undefined;
  /** Again when the browser takes the disk away while the page lives. */
  async function connect(): Promise<void> {
    db = await open(name).catch(() => undefined);
    if (db) db.onclose = connect;
  }
  if (allowed) await connect();

  /** One transaction. All are read-write, so those of all tabs run one after the other. */
  const within = <T>(work: (rows: IDBObjectStore) => IDBRequest<T>) =>
    new Promise<T>((done, fail) => {
      // Without a disk this throws, and so rejects.
      const transaction = (db as IDBDatabase).transaction(STORE, 'readwrite', {
        durability: 'strict',
      });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = fail;
    });

  return {
    durable: !!db,
    rows: () => within<Row[]>((rows) => rows.getAll(IDBKeyRange.lowerBound(HISTORY, true))),
    /** Answers the row's place. Rejects when the disk is full. */
    add: (row: Row) =>
      within((rows) => {
        const added = rows.add(row) as IDBRequest<number>;
        rows.transaction.commit(); // also if the page goes before it hears of it
        return added;
      }),
    /** Changes a row that is still there, in one transaction; undefined removes it. */
    change: (n: number, how: (row: Row) => Row | undefined) =>
      within((rows) => {
        const found: IDBRequest<Row | undefined> = rows.get(n);
        found.onsuccess = () => {
          const next = found.result && how(found.result);
          if (next) rows.put(next);
          else rows.delete(n);
        };
        return found;
      }),
    kept: () => within<Kept | undefined>((rows) => rows.get(HISTORY)),
    keep: (kept: Kept) => within((rows) => rows.put({ ...kept, n: HISTORY })),
  };
}
