import fc from 'fast-check';
import { expect, test } from 'vitest';
import { links } from './links.js';

const found = (text: string) =>
  links(text).flatMap((piece) => (typeof piece === 'string' ? [] : piece.href));

test.each([
  ['see https://example.com/a?b=c#d now', ['https://example.com/a?b=c#d']],
  ['HTTP://EXAMPLE.COM', ['http://example.com/']],
  ['mailto:a@example.com, tel:+49301234', ['mailto:a@example.com', 'tel:+49301234']],
  ['(https://example.com/a_(b))', ['https://example.com/a_(b)']],
  ['https://example.com/a_(b).', ['https://example.com/a_(b)']],
  ['It is https://example.com.', ['https://example.com/']],
  ['“https://example.com”', ['https://example.com/']],
  ['https://example.com/über?q=日本', ['https://example.com/%C3%BCber?q=%E6%97%A5%E6%9C%AC']],
  ['two https://a.example https://b.example', ['https://a.example/', 'https://b.example/']],
])('%s', (text, hrefs) => {
  expect(found(text)).toEqual(hrefs);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'https://',
  'mailtoa@example.com',
  'www.example.com',
  'xhttps://example.com',
  '<img src=x onerror=alert(1)>',
])('%s stays text', (text) => {
  expect(links(text)).toEqual([text]);
});

test('an address ends before a character that turns the direction', () => {
  expect(found('https://example.com/\u202Egpj.exe')).toEqual(['https://example.com/']);
});

test('a megabyte of brackets is looked at once', () => {
  const text = `https://a.example/${')'.repeat(1 << 20)}`;
  expect(found(text)).toEqual(['https://a.example/']);
});

test('the pieces are the text again', () => {
  const text = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('https://', 'tel:', 'mailto:', '(', ').', ' ', '\u202e', 'a.example'),
    ),
  );
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join('');
      const shown = links(whole).map((piece) => (typeof piece === 'string' ? piece : piece.text));
      expect(shown.join('')).toBe(whole);
    }),
  );
});
