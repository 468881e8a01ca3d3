/** What is written rarely: sizes, when somebody is back, why a message cannot go. */

import type { Ui } from '../ui.js';
import type { Key } from '../words.js';

/** What is said of a message that cannot go, by the code of the refusal, ours or the gateway's. */
const PROBLEMS: Record<string, Key> = {
  too_long: 'tooLong',
  file_too_big: 'tooBig',
  too_large: 'tooBig',
  too_many_files: 'tooMany',
  queue_full: 'tooSoon',
  file_type: 'badFile',
  file_refused: 'badFile',
};

const LONG = { dateStyle: 'long' } as const;
const DAY_MS = 86_400_000;
/** In days: from then on a weekday's name would be that of another week. */
const WEEK = 7;

export function size({ locale }: Ui, bytes: number): string {
  const [divisor, unit] = bytes < 1e6 ? [1e3, 'kilobyte'] : [1e6, 'megabyte'];
  const style = { style: 'unit', unit, maximumFractionDigits: 1 } as const;
  return (bytes / divisor).toLocaleString(locale, style);
}

/** Of today the hour alone; of this week with the day's name, else with the date. Nothing once it is past. */
export function back({ say, time, locale }: Ui, at: string): string | undefined {
  if (Date.parse(at) < Date.now()) return undefined;
  const ahead = (new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS;
  const day = new Date(at).toLocaleDateString(locale, ahead < WEEK ? { weekday: 'long' } : LONG);
  return say(ahead > 0.5 ? 'backOn' : 'backAt', { time: time(at), day });
}

/** '' where nothing is to be said beyond that it is not sent. */
export function why(ui: Ui, problem: string): string {
  const key = PROBLEMS[problem];
  return key ? ui.say(key, { size: size(ui, ui.state.limits.value.file) }) : '';
}
