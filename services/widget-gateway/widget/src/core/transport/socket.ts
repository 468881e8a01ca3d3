/** The WebSocket: one frame a text message, the token in the first. */

import { MAX_FRAME_BYTES, type ServerFrame } from '../frames.js';
import type { Open } from './wire.js';

export const openSocket: Open = ({ base, channel, token, cursors, post, frame, closed }) => {
  const address = `${base.replace(/^http/, 'ws')}${channel}/socket`;
  const socket = new WebSocket(address);
  const write = (text: string) => socket.readyState === 1 && socket.send(text);
  let over = false;
  const end = (code: number) => {
    if (!over) closed(code);
    over = true;
  };
  socket.onopen = () =>
    write(JSON.stringify({ t: 'hello', proto: 1, token, cursors: cursors() }));
  socket.onmessage = ({ data }) => {
    if (!over) frame(JSON.parse(data) as ServerFrame);
  };
  socket.onclose = ({ code }) => end(code);
  return {
    send(said) {
      const text = JSON.stringify(said);
      if (new Blob([text]).size > MAX_FRAME_BYTES) post(said);
      else write(text);
    },
    close() {
      over = true;
      socket.close();
    },
  };
};
