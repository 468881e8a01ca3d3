/** Sends a file up, with progress: XHR, because fetch tells none. Called by queue.ts. */

import type { Row } from './disk.js';

export interface Upload {
  /** What the gateway knows the file by; absent when it was refused or did not get there. */
  handle?: string | undefined;
  /** 0: nothing came back. */
  status: number;
  code?: string | undefined;
}

const STALLED_MS = 30_000;

/** `address`: the channel's. `doubt`: the gateway does not like the token. Never rejects. */
export function upload(
  address: string,
  token: string | undefined,
  doubt: () => void,
  { name, blob }: Row['files'][number],
  progress: (part: number) => void,
  abort: AbortSignal,
): Promise<Upload> {
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
      const { file: handle, code } = request.response ?? {};
      const { status } = request;
      if (status === 401) doubt();
      done({ handle, code, status });
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
