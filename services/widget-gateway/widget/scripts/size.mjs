/** Measures what a visitor loads, gzipped, and fails when it is more than we promise. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** In bytes, one KB being 1000 of them. */
const LOADER_LIMIT = 1000;
const WHOLE_LIMIT = 15_000;

const OUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../src/widget_gateway/static');
const size = (name) => gzipSync(readFileSync(join(OUT, name)), { level: 9 }).length;
const largest = (names) => names.reduce((a, b) => (size(a) > size(b) ? a : b));

const code = readdirSync(OUT).filter((name) => /\.(js|css)$/.test(name));
const language = largest(readdirSync(join(OUT, 'lang')).map((name) => `lang/${name}`));
const loaded = [...code, language];
const whole = loaded.reduce((sum, name) => sum + size(name), 0);
const lines = loaded.map((name) => `${String(size(name)).padStart(7)}  ${name}`);
process.stdout.write(`${lines.join('\n')}\n${String(whole).padStart(7)}  whole, gzipped\n`);

const over = [
  size('loader.js') > LOADER_LIMIT && `loader.js is over ${LOADER_LIMIT} bytes`,
  whole > WHOLE_LIMIT && `the whole is over ${WHOLE_LIMIT} bytes`,
].filter(Boolean);
if (over.length) {
  process.stderr.write(`${over.join('\n')}\n`);
  process.exit(1);
}
