/** A short chime, made on the spot: nothing is loaded. */

import type { State } from '../../core/state.js';

let audio: AudioContext | undefined;

/** Where it is kept that no tab is to sound; "1" is yes. core/ writes it. */
const MUTED = 'sluice:muted';

/** Silent until the visitor has touched the page: browsers forbid it, and so do manners. */
function wanted({ leads, muted, options }: State): boolean {
  if (!leads.value || muted.value || options.value.sound === false) return false;
  try {
    // Another tab may have been silenced a moment ago.
    if (localStorage.getItem(MUTED) === '1') return false;
  } catch {
    // A browser that keeps nothing.
  }
  return !!navigator.userActivation?.hasBeenActive;
}

/** Of all tabs of the site it is heard in one. */
export function chime(state: State): void {
  if (!wanted(state)) return;
  audio ??= new AudioContext();
  const now = audio.currentTime;
  const tone = audio.createOscillator();
  const loud = audio.createGain();
  tone.frequency.setValueAtTime(660, now);
  tone.frequency.setValueAtTime(880, now + 0.1);
  loud.gain.setValueAtTime(0.1, now);
  loud.gain.exponentialRampToValueAtTime(0.001, now + 0.4);
  tone.connect(loud).connect(audio.destination);
  tone.start(now);
  tone.stop(now + 0.4);
}
