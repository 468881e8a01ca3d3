import { expect, test } from 'vitest';
import ar from './lang/ar.json';
import de from './lang/de.json';
import en from './lang/en.json';
import es from './lang/es.json';
import fr from './lang/fr.json';
import he from './lang/he.json';
import hi from './lang/hi.json';
import it from './lang/it.json';
import pt from './lang/pt.json';
import zh from './lang/zh.json';
import { direction, type Key, locale, voice, type Words } from './words.js';

const ALL: Record<string, Words> = { ar, de, en, es, fr, he, hi, it, pt, zh };
const COUNTS = Array.from({ length: 120 }, (_, index) => index + 1);
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const texts = (word: Words[string] | undefined) =>
  typeof word === 'string' ? [word] : Object.values(word ?? {});

test.each(Object.keys(ALL))('%s has every word, with every name in it', (code) => {
  const words = ALL[code] as Words;
  expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
  for (const [key, word] of Object.entries(en as Words)) {
    expect(typeof words[key], key).toBe(typeof word);
    const wanted = new Set(texts(word).flatMap(names));
    for (const text of texts(words[key])) {
      expect(text.trim(), key).toBe(text);
      expect(text, key).not.toBe('');
      // A singular may say its number in words.
      for (const name of names(text)) expect(wanted, key).toContain(name);
    }
    if (typeof word === 'string') expect(names(words[key] as string), key).toEqual(names(word));
  }
});

test.each(Object.keys(ALL))('%s has a plural for every number', (code) => {
  const plural = new Intl.PluralRules(code);
  const { say } = voice(ALL[code] as Words, code);
  const forms = ALL[code]?.new as Record<string, string>;
  for (const n of COUNTS) {
    expect(Object.keys(forms)).toContain(forms[plural.select(n)] ? plural.select(n) : 'other');
    expect(say('new', { n })).not.toMatch(/[{}]/);
  }
  for (const form of Object.keys(forms))
    expect(plural.resolvedOptions().pluralCategories).toContain(form);
});

test.each([
  [['pt-BR'], 'pt-BR'],
  [[undefined, '', 'de'], 'de'],
  [['xx', 'fr-CA'], 'fr-CA'],
  [['zh-Hant-TW'], 'zh-Hant-TW'],
  [['EN-gb'], 'EN-gb'],
  [['english', 'en_US', 'arz', '-', 'de-'], 'en'],
  [[], 'en'],
])('of %j it is %s', (tags, expected) => {
  expect(locale(tags)).toBe(expected);
  expect(() => new Intl.PluralRules(locale(tags))).not.toThrow();
});

test('Arabic and Hebrew are written from the right', () => {
  expect(Object.keys(ALL).filter((code) => direction(code) === 'rtl')).toEqual(['ar', 'he']);
});

test('numbers and days are written as the language writes them', () => {
  const german = voice(de, 'de');
  expect(german.say('new', { n: 1200 })).toBe('1.200 neue Nachrichten');
  expect(german.day(new Date().toISOString())).toBe('heute');
  expect(german.day(new Date(Date.now() - 86_400_000).toISOString())).toBe('gestern');
  expect(german.day('2020-02-01T12:00:00.000Z')).toBe('1. Februar 2020');
});

test('a word that is not there is its key', () => {
  expect(voice({}, 'en').say('send' as Key)).toBe('send');
});
