/** A short chime, made on the spot: nothing is loaded. */

let audio: AudioContext | undefined;

/** Silent until the visitor has touched the page: browsers forbid it, and so do manners. */
export function chime(): void {
  if (!navigator.userActivation?.hasBeenActive) return;
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
