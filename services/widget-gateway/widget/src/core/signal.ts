/**
 * A value that tells who read it when it changes. Small: it knows no more than the screens need.
 *
 * An effect runs at once, and again in a microtask after anything it read has changed: many changes
 * in one go are one run.
 */

export interface Signal<T> {
  value: T;
}

interface Run {
  (): void;
  /** Where it is written down, to be crossed out before the next run. */
  in: Set<Set<Run>>;
}

let reading: Run | undefined;
const due = new Set<Run>();

function flush(): void {
  for (const run of due) {
    due.delete(run);
    try {
      run();
    } catch (error) {
      // One that fails must not keep the others from ever running again.
      reportError(error);
    }
  }
}

export function signal<T>(value: T): Signal<T> {
  const readers = new Set<Run>();
  return {
    get value() {
      if (reading) {
        readers.add(reading);
        reading.in.add(readers);
      }
      return value;
    },
    set value(next) {
      if (next === value) return;
      value = next;
      if (!due.size) queueMicrotask(flush);
      for (const run of readers) due.add(run);
    },
  };
}

/** Runs `fn` now and after changes. Returns what ends it. */
export function effect(fn: () => void): () => void {
  const forget = () => {
    due.delete(run);
    for (const readers of run.in) readers.delete(run);
    run.in.clear();
  };
  const run = (() => {
    forget();
    const outer = reading;
    reading = run;
    try {
      fn();
    } finally {
      reading = outer;
    }
  }) as Run;
  run.in = new Set();
  run();
  return forget;
}
