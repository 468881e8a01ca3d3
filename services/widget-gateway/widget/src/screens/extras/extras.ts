/**
 * What not every visitor needs: the form, the stars, files, hours, the chime, the trap of a full screen.
 *
 * A chunk of its own, loaded at the first need (needs.ts). It imports nothing of the app, which a
 * loader may have loaded under another address: what it draws with, it is handed.
 */

import type { FileView } from '../../core/frames.js';
import type { H } from '../dom.js';
import type { Ui } from '../ui.js';
import css from './extras.css?inline';
import { file } from './file.js';
import { form } from './form.js';
import { back, why } from './measures.js';
import { rating } from './rating.js';
import { chime } from './sound.js';
import { trap } from './trap.js';

export type Extras = ReturnType<typeof extras>;

/** `style` is given their style sheet. */
export function extras(h: H, style: (css: string) => void) {
  style(css);
  return {
    form: (ui: Ui) => form(h, ui),
    rating: (ui: Ui) => rating(h, ui),
    file: (ui: Ui, view: FileView) => file(h, ui, view),
    back,
    why,
    chime,
    trap,
  };
}
