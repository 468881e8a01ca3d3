/** The icons: one line each, drawn with the colour of the text around them. */

import { h } from './dom.js';

const SPEAKER = 'M4 9v6h4l5 4V5L8 9z';
const SHAPES = {
  chat: 'M21 11.5a8.5 8.5 0 0 1-12 7.5l-6 2 2-6a8.5 8.5 0 1 1 16-3.5z',
  close: 'M6 6l12 12M18 6 6 18',
  down: 'M6 9l6 6 6-6',
  send: 'M5 12h14m-6-6 6 6-6 6',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3 3 0 0 1 5 5l-8.5 8.5a1.5 1.5 0 0 1-2.5-2.5L15 7',
  sound: `${SPEAKER}m13 0a4 4 0 0 1 0 6`,
  quiet: `${SPEAKER}m13 1 4 4m0-4-4 4`,
  file: 'M6 3h8l4 4v14H6zm8 0v4h4',
  star: 'M12 3l3 6 6 .7-4.6 4.3 1.2 6.2-5.6-3-5.6 3 1.2-6.2L3 9.7 9 9z',
};

export const icon = (name: keyof typeof SHAPES) => (
  <svg viewBox="0 0 24 24" aria-hidden={true}>
    <path d={SHAPES[name]} />
  </svg>
);
