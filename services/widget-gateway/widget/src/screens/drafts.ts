/** The unsent text of the composer, kept for one visitor across reloads and for nobody else. */

import { effect } from '../core/signal.js';
import type { App } from '../core/state.js';
import type { Kept } from './ui.js';

/** In characters; a longer one lives as long as the page. */
const MAX_KEPT = 20_000;

/** Follows the draft and the visitor; a new visitor begins with an empty composer. */
export function keepDraft({ state }: App, { draft }: Kept): void {
  const name = `sluice.draft.${state.options.value.channel}`;
  const stored = (): [string?, string?] => {
    try {
      return JSON.parse(localStorage.getItem(name) ?? '[]');
    } catch {
      return [];
    }
  };
  let whose: string | undefined;
  effect(() => {
    const visitor = state.visitor.value?.id;
    const text = draft.value;
    if (visitor !== whose) {
      const [owner, words] = stored();
      if (whose) draft.value = '';
      else if (!text && owner === visitor) draft.value = words ?? '';
      whose = visitor;
      return;
    }
    try {
      if (text && text.length < MAX_KEPT)
        localStorage.setItem(name, JSON.stringify([visitor, text]));
      else localStorage.removeItem(name);
    } catch {
      // A browser that keeps nothing.
    }
  });
}
