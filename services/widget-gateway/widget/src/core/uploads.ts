/** Sends a file up, with progress: XHR, because fetch tells none. Called by queue.ts. */

export interface Upload {
  /** What the gateway knows the file by; absent when it was refused or did not get there. */
  handle?: string;
  /** 0: nothing came back. */
  status: number;
  code?: string;
}

const STALLED_MS = 30_000;

export function upload(
  address: string,
  token: string,
  blob: Blob,
  progress: (part: number) => void,
  abort: AbortSignal,
): Promise<Upload> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    // A big file over a thin line takes its time; only standing still is a failure.
    let stalled = setTimeout(() => request.abort(), STALLED_MS);
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
      progress(loaded / (total || 1));
    };
    request.onloadend = () => {
      clearTimeout(stalled);
      let answer: { file?: string; code?: string } = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // A proxy's page, or nothing at all.
      }
      const { status } = request;
      done({
        status,
        ...(status < 300 && answer.file && { handle: answer.file }),
        ...(answer.code && { code: answer.code }),
      });
    };
    abort.addEventListener('abort', () => request.abort());
    request.open('POST', address);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
    request.send(blob);
  });
}
