/** The unsent text of the composer, kept for one visitor across reloads and for nobody else. */

import { effect } from '../core/signal.js';
import type { App } from '../core/state.js';
import type { Kept } from './ui.js';

/** In characters; what is longer lives as long as the page. */
const MAX_KEPT = 20_000;

/** Follows the draft and the visitor; a new visitor begins with an empty composer. */
export function keepDraft({ state }: App, { draft }: Kept): void {
  const name = `sluice.draft.${state.options.value.channel}`;
  const stored = (): [owner?: string | null, words?: string] => {
    try {
      return JSON.parse(localStorage.getItem(name) ?? '[]');
    } catch {
      return [];
    }
  };
  let whose: string | null | undefined;
  effect(() => {
    const visitor = state.visitor.value?.id ?? null;
    if (visitor !== whose) {
      const [owner, words = ''] = stored();
      // Whoever had no session yet and has one now is the same.
      if (whose) draft.value = '';
      else if (whose !== null && owner === visitor) draft.value = words;
      whose = visitor;
    }
    const text = draft.value;
    try {
      localStorage.setItem(name, JSON.stringify([visitor, text.slice(0, MAX_KEPT)]));
    } catch {
      // A browser that keeps nothing.
    }
  });
}
