/** The icons: one line each, drawn with the colour of the text around them. */

import { h } from './dom.js';

const SHAPES = {
  chat: 'M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5z',
  close: 'M6 6l12 12M18 6 6 18',
  down: 'm6 9 6 6 6-6',
  send: 'M5 12h14m-6-6 6 6-6 6',
  clip: 'm20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.6 1.6 0 0 1-2.4-2.4L15 7',
  sound: 'M4 9v6h4l5 4V5L8 9zm13 0a4 4 0 0 1 0 6',
  quiet: 'M4 9v6h4l5 4V5L8 9zm13 1 4 4m0-4-4 4',
  file: 'M6 3h8l4 4v14H6zm8 0v4h4',
  star: 'm12 3 2.7 5.7 6.3.8-4.6 4.3 1.2 6.2-5.6-3-5.6 3 1.2-6.2L3 9.5l6.3-.8z',
};

export const icon = (name: keyof typeof SHAPES) => (
  <svg viewBox="0 0 24 24" class={name} aria-hidden="true">
    <path d={SHAPES[name]} />
  </svg>
);
