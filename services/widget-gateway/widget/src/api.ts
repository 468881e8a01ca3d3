/** `window.sluice` once the app is there: what sluice.d.ts promises. */

import type { Call, Listener } from './app.js';
import type { Core } from './core/core.js';
import type { Tell } from './core/hearing.js';
import { effect, type Signal } from './core/signal.js';
import type { State } from './core/state.js';
import type { Told } from './core/store.js';
import type { Sluice, SluiceEvents } from './sluice.js';

export function createApi(state: State, listeners: readonly Listener[]) {
  function emit<E extends keyof SluiceEvents>(event: E, about?: SluiceEvents[E]): void {
    for (const [wanted, heed] of [...listeners])
      if (wanted === event)
        try {
          heed(about);
        } catch (error) {
          // The page's own fault, and to be seen there; nothing of ours stops for it.
          reportError(error);
        }
  }

  const tell: Tell = (event, about) => {
    if (event !== 'message') return emit(event, about as never);
    const { key: id, conversation, at, by, author, parts } = about as Told;
    emit('message', {
      id,
      conversation,
      at,
      by: by as 'user',
      author,
      text: parts.flatMap((part) => part.text ?? []).join('\n'),
    });
  };

  /** Tells of a value when it is another one than `before`, and than the last. */
  function follow<T>(before: T, of: Signal<T>, tell: (now: T) => void): void {
    effect(() => {
      const now = of.value;
      if (now !== before) tell(now);
      before = now;
    });
  }

  return {
    tell,

    /** The widget is drawn. */
    ready: () => emit('ready'),

    /** Takes over, and heeds what was called before. */
    begin(sluice: Sluice, { actions, identify, reset }: Core, calls: Call[]): void {
      const real: Omit<Sluice, 'on'> = {
        open: actions.open,
        close: actions.close,
        toggle: () => (state.open.value ? actions.close() : actions.open()),
        identify,
        reset,
        set(options) {
          state.options.value = { ...state.options.value, ...options };
        },
      };
      Object.assign(sluice, real);
      // Both may be so already: open since the page before, unread since the last visit.
      follow(false, state.open, (open) => emit(open ? 'open' : 'close'));
      follow(0, state.unread, (count) => emit('unread', count));
      for (const [name, given] of calls.splice(0))
        (real[name] as (...all: unknown[]) => void)(...given);
    },
  };
}
