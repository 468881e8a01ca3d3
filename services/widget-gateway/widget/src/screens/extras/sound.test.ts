import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createState, type State } from '../../core/state.js';
import { chime } from './sound.js';

const tones = vi.fn();

beforeEach(() => {
  localStorage.clear();
  tones.mockClear();
  const node = () => ({
    frequency: { setValueAtTime() {} },
    gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} },
    connect: (to: unknown) => to,
    start: tones,
    stop() {},
  });
  vi.stubGlobal(
    'AudioContext',
    class {
      createOscillator = node;
      createGain = node;
    },
  );
  Object.defineProperty(navigator, 'userActivation', {
    value: { hasBeenActive: true },
    configurable: true,
  });
});
afterEach(() => {
  Object.defineProperty(navigator, 'userActivation', { value: undefined, configurable: true });
});

test.each<[string, (state: State) => void, number]>([
  ['sounds', () => {}, 1],
  ['is silent where it is muted', ({ muted }) => (muted.value = true), 0],
  ['is silent where another tab muted it', () => localStorage.setItem('sluice:muted', '1'), 0],
  ['sounds when another tab allowed it again', () => localStorage.setItem('sluice:muted', ''), 1],
  ['sounds in one tab only', ({ leads }) => (leads.value = false), 0],
  [
    'never sounds where the site wants none',
    (state) => (state.options.value = { channel: 'x', sound: false }),
    0,
  ],
])('a message %s', (_, prepare, times) => {
  const state = createState({ channel: 'x' });
  state.leads.value = true;
  prepare(state);
  chime(state);
  expect(tones).toHaveBeenCalledTimes(times);
});
