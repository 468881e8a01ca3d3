/** What the visitor has begun: the text outlives a reload of its tab, nothing of it outlives the visitor. */

import { effect } from '../core/signal.js';
import type { App } from '../core/state.js';
import { begin, type Kept } from './ui.js';

/** In characters; what is longer lives as long as the page. */
const MAX_KEPT = 20_000;

/** Follows the draft and the era, which it is kept under. */
export function keepDraft({ state }: App, kept: Kept): void {
  const name = `sluice.draft.${state.options.value.channel}`;
  let whose: string;
  effect(() => {
    const era = state.era.value;
    try {
      if (era !== whose) {
        whose = era;
        begin(kept);
        const stored: string = sessionStorage[name] ?? '';
        if (stored.startsWith(era)) kept.draft.value = stored.slice(era.length);
      }
      sessionStorage[name] = era + kept.draft.value.slice(0, MAX_KEPT);
    } catch {
      // A browser that keeps nothing.
    }
  });
}
