/** What the loader loads: builds the core, draws the screens, and takes over `window.sluice`. */

import { createApi } from './api.js';
import { createCore } from './core/core.js';
import { effect } from './core/signal.js';
import { createState, type Look, type Options, type State } from './core/state.js';
import { mount } from './screens/mount.js';
import { SMALL } from './screens/panel.js';
import type { Sluice, SluiceEvents } from './sluice.js';

export type Call = [name: Exclude<keyof Sluice, 'on'>, given: unknown[]];
export type Listener = [event: keyof SluiceEvents, heed: (about: unknown) => void];
export type Start = typeof start;

const LOOK_AGAIN_MS = 10_000;
const LOOK_FRESH_MS = 60_000;
const SWITCHES = ['autoOpen', 'launcher', 'sound'] as const;

/** The data-attributes; `data-auto-open` alone, or with any word but false, means yes. */
export function optionsOf({ dataset }: HTMLScriptElement): Options {
  const options = { ...dataset } as unknown as Options;
  for (const name of SWITCHES) if (name in dataset) options[name] = dataset[name] !== 'false';
  return options;
}

/**
 * Asks for the channel's look until it is there, and again when the panel opens: meanwhile the office
 * may have. A channel that is none has no widget.
 */
export function look(state: State, base: string, error: (code: string) => void): void {
  let due: number;
  async function ask(): Promise<void> {
    due = Infinity; // one at a time
    try {
      const response = await fetch(`${base}${state.options.value.channel}/look`, {
        credentials: 'omit',
      });
      const answer = await response.json();
      if (response.status === 429 || response.status >= 500) throw answer;
      due = Date.now() + LOOK_FRESH_MS;
      if (!response.ok) return error(answer.code);
      state.look.value = answer as Look;
      state.present.value ||= !!answer.present;
      state.limits.value = { ...state.limits.value, file: answer.max_file };
    } catch {
      setTimeout(ask, LOOK_AGAIN_MS); // offline, perhaps; what is known stays
    }
  }
  ask();
  effect(() => {
    if (state.open.value && due < Date.now()) ask();
  });
}

export async function start(
  script: HTMLScriptElement,
  sluice: Sluice,
  calls: Call[],
  listeners: Listener[],
): Promise<void> {
  const base = new URL('.', script.src).href;
  const state = createState(optionsOf(script));
  const api = createApi(state, listeners);
  const core = await createCore(state, base, api.tell);
  const { actions } = core;
  // Not on a screen that it would cover: there the visitor has gone on to read the page.
  if (actions.stays() && !matchMedia(SMALL).matches) actions.open();
  mount({ state, actions, base }).then(api.ready);
  api.begin(sluice, core, calls);
  if (state.options.value.autoOpen) actions.open();
  look(state, base, (code) => api.tell('error', code));
}
