/** The WebSocket: one frame a text message, the token in the first. */

import { MAX_FRAME_BYTES } from '../frames.js';
import type { Open } from './wire.js';

export const openSocket: Open = ({ address, token, cursors, post, frame, closed }) => {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/socket`);
  socket.onopen = () =>
    socket.send(JSON.stringify({ t: 'hello', proto: 1, token, cursors: cursors() }));
  socket.onmessage = ({ data }) => frame(JSON.parse(data));
  socket.onclose = ({ code }) => closed(code);
  return {
    send(said) {
      const text = JSON.stringify(said);
      if (new Blob([text]).size > MAX_FRAME_BYTES) post(said);
      else socket.send(text);
    },
    close() {
      socket.onclose = socket.onmessage = null;
      socket.close();
    },
  };
};
