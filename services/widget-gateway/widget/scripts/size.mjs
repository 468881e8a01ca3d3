/** Measures what a visitor loads, gzipped, and fails when it is more than we promise. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** In bytes. */
const LOADER_LIMIT = 1024;
const WHOLE_LIMIT = 15 * 1024;
/** All of what is loaded only when it is needed: forms and their words, how to send a file, the long poll. */
const NEEDED_LIMIT = 4.25 * 1024;

const OUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../src/widget_gateway/static');
const size = (name) => gzipSync(readFileSync(join(OUT, name)), { level: 9 }).length;
const sum = (names) => names.reduce((all, name) => all + size(name), 0);
const largest = (names) => names.reduce((a, b) => (size(a) > size(b) ? a : b));

const code = readdirSync(OUT).filter((name) => /\.(js|css)$/.test(name));
const language = (folder) =>
  largest(
    readdirSync(join(OUT, folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => `${folder}/${name}`),
  );
const always = [...code.filter((name) => /^(app-|loader)/.test(name)), language('lang')];
const needed = [...code.filter((name) => !always.includes(name)), language('lang/more')];
const lines = (names) =>
  names.map((name) => `${String(size(name)).padStart(7)}  ${name}\n`).join('');
process.stdout.write(
  `${lines(always)}${String(sum(always)).padStart(7)}  every visitor, gzipped\n` +
    `${lines(needed)}${String(sum(needed)).padStart(7)}  only when needed\n`,
);

const over = [
  size('loader.js') > LOADER_LIMIT && `loader.js is over ${LOADER_LIMIT} bytes`,
  sum(always) > WHOLE_LIMIT && `what every visitor loads is over ${WHOLE_LIMIT} bytes`,
  sum(needed) > NEEDED_LIMIT && `what is loaded when needed is over ${NEEDED_LIMIT} bytes`,
].filter(Boolean);
if (over.length) {
  process.stderr.write(`${over.join('\n')}\n`);
  process.exit(1);
}
