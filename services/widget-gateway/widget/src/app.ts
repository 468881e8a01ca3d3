/** What the loader loads: builds the core, draws the screens, and takes over `window.sluice`. */

import { createApi } from './api.js';
import { createCore } from './core/core.js';
import { createState, type Look, type Options, type State } from './core/state.js';
import { mount } from './screens/mount.js';
import type { Sluice, SluiceEvents } from './sluice.js';

export type Call = [name: Exclude<keyof Sluice, 'on'>, given: unknown[]];
export type Listener = [event: keyof SluiceEvents, heed: (about: unknown) => void];
export type Start = typeof start;

const LOOK_AGAIN_MS = 10_000;
const SWITCHES = ['autoOpen', 'launcher', 'sound'] as const;

/** The data-attributes; `data-auto-open` alone, or with any word but false, means yes. */
export function optionsOf({ dataset }: HTMLScriptElement): Options {
  const options = { ...dataset } as unknown as Options;
  for (const name of SWITCHES) if (name in dataset) options[name] = dataset[name] !== 'false';
  return options;
}

/** Asks for the channel's look until it is there. A channel that is none has no widget. */
async function look(state: State, base: string, error: (code: string) => void): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`${base}${state.options.value.channel}/look`, {
        credentials: 'omit',
      });
      const answer = await response.json();
      if (response.ok) {
        state.look.value = answer as Look;
        state.present.value ||= !!answer.present;
        state.limits.value = { ...state.limits.value, file: answer.max_file };
        return;
      }
      if (response.status < 500 && response.status !== 429) return error(answer.code);
    } catch {
      // Offline: it is asked again.
    }
    await new Promise((next) => setTimeout(next, LOOK_AGAIN_MS));
  }
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
  mount({ state, actions, base });
  api.begin(sluice, core, calls);
  if (state.options.value.autoOpen) actions.open();
  await look(state, base, (code) => api.tell('error', code));
}
