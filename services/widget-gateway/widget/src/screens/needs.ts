/** Fetches what not every visitor needs (extras/) and its words, when it is needed; what is drawn of it follows. */

import { type Signal, signal } from '../core/signal.js';
import { h } from './dom.js';
import type { Extras } from './extras/extras.js';
import type { Ui } from './ui.js';
import { fetchWords, voice } from './words.js';

const AGAIN_MS = 5000;

/** undefined: on their way. null: they could not be loaded; it is tried again. */
export type Needs = (ui: Ui) => Extras | null | undefined;

/** What answers the extras, and fetches them when asked for the first time. `style`: of them too. */
export function needs(style: (css: string) => CSSStyleSheet): Needs {
  const there: Signal<ReturnType<Needs>> = signal(undefined);
  let wanted = '';
  const load = ({ base, locale }: Ui): unknown =>
    locale === wanted &&
    Promise.all([import('./extras/extras.js'), fetchWords(`${base}lang/more/`, locale)])
      .then(([{ extras }, words]) => {
        if (locale === wanted) there.value = extras(h, style, voice(words, locale));
      })
      .catch(() => {
        there.value = null;
        setTimeout(load, AGAIN_MS, { base, locale });
      });
  return (ui) => {
    if (wanted !== ui.locale) {
      wanted = ui.locale;
      load(ui);
    }
    return there.value;
  };
}
