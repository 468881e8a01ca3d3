/**
 * What not every visitor needs: the form, the stars, files, hours, the chime, what a small screen asks for.
 *
 * A chunk of its own, loaded with its words at the first need (needs.ts). It imports nothing of the
 * app, which a loader may have loaded under another address: what it draws with, it is handed.
 */

import type { FileView } from '../../core/frames.js';
import type { H } from '../dom.js';
import type { Ui } from '../ui.js';
import type { Voice } from '../words.js';
import css from './extras.css?inline';
import { file } from './file.js';
import { form } from './form.js';
import { makeRoom } from './keyboard.js';
import { back, why } from './measures.js';
import { rating } from './rating.js';
import { chime } from './sound.js';
import { trap } from './trap.js';

export type Extras = ReturnType<typeof extras>;

let dressed = false;

/** `style` is given their style sheet, once; `voice` has their words. */
export function extras(h: H, style: (css: string) => CSSStyleSheet, { say }: Voice) {
  if (!dressed) makeRoom(style(`:host{}${css}`).cssRules[0] as CSSStyleRule);
  dressed = true;
  return {
    form: (ui: Ui) => form(h, { ...ui, say }),
    rating: (ui: Ui) => rating(h, { ...ui, say }),
    file: (ui: Ui, view: FileView) => file(h, ui, view),
    back: (ui: Ui, at: string) => back({ ...ui, say }, at),
    why: (ui: Ui, problem: string) => why({ ...ui, say }, problem),
    chime,
    trap,
  };
}
