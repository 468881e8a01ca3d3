/** The words of the screens in the visitor's language, and its way to write numbers and times. */

import type en from './lang/en.json';

export type Key = keyof typeof en;
export type Words = Record<string, string | Record<string, string>>;
/** A sentence with its `{names}` filled in; by `n` its plural is chosen. */
export type Say = (key: Key, values?: Record<string, string | number>) => string;

export interface Voice {
  say: Say;
  locale: string;
  time(at: string): string;
  /** Today, yesterday, or the date. */
  day(at: string): string;
}

/** A tag of a language we speak, with script and region at the most: no other breaks Intl. */
const SPOKEN = /^(ar|de|en|es|fr|he|hi|it|pt|zh)(-[a-z]{4})?(-[a-z]{2})?$/i;
const RIGHT_TO_LEFT = /^(ar|he)/i;
const DAY_MS = 86_400_000;

/** The first of these tags that we speak, as a locale of Intl; English when there is none. */
export const locale = (tags: readonly (string | undefined)[]): string =>
  tags.find((tag) => SPOKEN.test(tag ?? '')) ?? 'en';

export const direction = (of: string) => (RIGHT_TO_LEFT.test(of) ? 'rtl' : 'ltr');

/** From a folder of them, by the language alone. */
export const fetchWords = (folder: string, of: string): Promise<Words> =>
  fetch(`${folder}${of.slice(0, 2).toLowerCase()}.json`).then((answer) =>
    answer.ok ? answer.json() : Promise.reject(),
  );

export function voice(words: Words, of: string): Voice {
  const plural = new Intl.PluralRules(of);
  const number = new Intl.NumberFormat(of);
  const clock = new Intl.DateTimeFormat(of, { timeStyle: 'short' });
  const near = new Intl.RelativeTimeFormat(of, { numeric: 'auto' });
  const time = (at: string) => clock.format(new Date(at));
  const say: Say = (key, values = {}) => {
    const word = words[key] ?? key;
    const text =
      typeof word === 'string' ? word : (word[plural.select(Number(values.n))] ?? word.other ?? '');
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === 'number' ? number.format(value) : (value ?? '');
    });
  };
  return {
    say,
    locale: of,
    time,
    day(at) {
      // By the calendar on the visitor's wall; a day of 23 hours is one, too.
      const ago = Math.round(
        (new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS,
      );
      return ago > -2
        ? near.format(ago, 'day')
        : new Date(at).toLocaleDateString(of, { dateStyle: 'long' });
    },
  };
}
