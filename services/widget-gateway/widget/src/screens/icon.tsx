/** The icons: one line each, drawn with the colour of the text around them. */

import { h } from './dom.js';

const SHAPES = {
  chat: 'M4 5h16v11H9l-5 4z',
  close: 'M6 6l12 12M18 6 6 18',
  down: 'M6 9l6 6 6-6',
  send: 'M12 19V5m-6 6 6-6 6 6',
  clip: 'M17 8v8a5 5 0 0 1-10 0V7a3 3 0 0 1 6 0v9',
  sound: 'M4 9v6h4l5 4V5L8 9zm13 0v6',
  quiet: 'M4 9v6h4l5 4V5L8 9zm12 1 4 4m0-4-4 4',
};

export const icon = (name: keyof typeof SHAPES) => (
  <svg viewBox="0 0 24 24" aria-hidden={true}>
    <path d={SHAPES[name]} />
  </svg>
);
