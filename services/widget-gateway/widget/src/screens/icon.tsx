/** The icons: one line each, drawn with the colour of the text around them. */

import { h } from './dom.js';

const SHAPES = {
  chat: 'M21 11.5a8.5 8.5 0 0 1-12 7.5l-6 2 2-6a8.5 8.5 0 1 1 16-3.5z',
  close: 'M6 6l12 12M18 6 6 18',
  down: 'M6 9l6 6 6-6',
  send: 'M12 19V5m-6 6 6-6 6 6',
  clip: 'M15 7l-6 6a2 2 0 0 0 3 3l7-7a4 4 0 0 0-6-6l-7 7a6 6 0 0 0 9 9l6-6',
  sound: 'M4 9v6h4l5 4V5L8 9zm13 0v6',
  quiet: 'M4 9v6h4l5 4V5L8 9zm12 1 4 4m0-4-4 4',
};

export const icon = (name: keyof typeof SHAPES) => (
  <svg viewBox="0 0 24 24" aria-hidden={true}>
    <path d={SHAPES[name]} />
  </svg>
);
