/**
 * Sends a file up, with progress: XHR, because fetch tells none. Tries again as long as there is sense
 * in it. Called by queue.ts; loaded with the first file.
 */

import type { Row } from './disk.js';
import type { Link } from './link.js';
import type { Session } from './session.js';

export interface Upload {
  /** What the gateway knows the file by. */
  handle?: string;
  /** Why it never will; of no meaning beside a handle. With neither it is tried again. */
  problem?: string;
}

type File = Row['files'][number];
type Progress = (part: number) => void;

const AGAIN_MS = 3000;
const STALLED_MS = 30_000;
/** A file that did not get through so often is given up, for what waits behind it. */
const MOST_MISSES = 5;
/** Refused with these it can never be accepted. */
const NEVER = [400, 403, 404, 413, 415, 422];
/** Refused with these it is a matter of time. */
const LATER = [401, 429, 503];

/** `address`: the channel's. */
export async function upload(
  address: string,
  session: Session,
  link: Link,
  file: File,
  progress: Progress,
  abort: AbortSignal,
): Promise<Upload> {
  for (let misses = 0; misses < MOST_MISSES && !abort.aborted; ) {
    // While the link is away the gateway is, or the network: that says nothing of the file.
    if (link.live()) {
      const request = await once(address, session.token(), file, progress, abort);
      const { status } = request;
      // A proxy before the gateway refuses without a code.
      const none = status === 413 ? 'too_large' : 'file_refused';
      const { file: handle, code: problem = none } = request.response ?? {};
      if (handle || NEVER.includes(status)) return { handle, problem };
      if (status === 401) link.doubt();
      if (!status) link.hurry();
      if (navigator.onLine && !LATER.includes(status)) misses++;
    }
    await new Promise((go) => setTimeout(go, AGAIN_MS));
  }
  return { problem: 'unavailable' };
}

/** Answers what is over, however it ended; `status` 0: nothing came back. */
function once(
  address: string,
  token: string | undefined,
  { name, blob }: File,
  progress: Progress,
  abort: AbortSignal,
): Promise<XMLHttpRequest> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout>;
    // A big file over a thin line takes its time; only standing still is a failure.
    const moves = () => {
      clearTimeout(stalled);
      stalled = setTimeout(stop, STALLED_MS);
    };
    const stop = () => request.abort();
    request.upload.onprogress = ({ loaded, total }) => {
      moves();
      progress(loaded / total);
    };
    request.onloadend = () => {
      clearTimeout(stalled);
      done(request);
    };
    abort.addEventListener('abort', stop);
    request.open('POST', `${address}/files?name=${encodeURIComponent(name)}`);
    request.responseType = 'json';
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
    request.send(blob);
    moves();
  });
}
