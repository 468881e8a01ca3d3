/** Fetches what not every visitor needs (extras/), when it is needed; what is drawn of it follows. */

import { type Signal, signal } from '../core/signal.js';
import { h } from './dom.js';
import type { Extras } from './extras/extras.js';

const AGAIN_MS = 5000;

export type Needs = () => Extras | undefined;

/** What answers the extras, and fetches them when asked for the first time. `style`: of them too. */
export function needs(style: (css: string) => void): Needs {
  const there: Signal<Extras | undefined> = signal(undefined);
  let asked = false;
  const load = (): unknown =>
    import('./extras/extras.js').then(
      ({ extras }) => {
        there.value = extras(h, style);
      },
      () => setTimeout(load, AGAIN_MS),
    );
  return () => {
    if (!asked) load();
    asked = true;
    return there.value;
  };
}
