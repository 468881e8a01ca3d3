/** Many reasons, one doing: for what is drawn, kept and told after every frame (hearing.ts). */

/** Runs `work` once, some time after it was asked for, however often. */
export function soon(ms: number, work: () => void): () => void {
  let due: ReturnType<typeof setTimeout> | undefined;
  return () => {
    due ??= setTimeout(() => {
      due = undefined;
      work();
    }, ms);
  };
}
