/**
 * Builds what the gateway serves: loader.js (stable name), app-<hash>.js, lang/<code>.json and the
 * types of the API. `npm run build -- --out <dir>` builds elsewhere.
 */

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const WIDGET = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.indexOf('--out');
const OUT = given > 0 ? resolve(process.argv[given + 1]) : join(WIDGET, '../src/widget_gateway/static');
const LANGUAGES = join(WIDGET, 'src/screens/lang');

/** Two builds, not one: the loader is a classic script and must name the app's hash. */
async function bundle(entry, output, define = {}) {
  const built = await build({
    configFile: false,
    root: WIDGET,
    logLevel: 'warn',
    define,
    build: {
      target: 'es2022',
      outDir: OUT,
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      // As written: nothing is put in the place of nesting and light-dark().
      cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
      rolldownOptions: {
        input: join(WIDGET, entry),
        output: { codeSplitting: false, ...output },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  return built.output.find((chunk) => chunk.isEntry).fileName;
}

async function languages() {
  await mkdir(join(OUT, 'lang'), { recursive: true });
  for (const name of await readdir(LANGUAGES)) {
    if (!name.endsWith('.json')) continue;
    const words = JSON.parse(await readFile(join(LANGUAGES, name), 'utf8'));
    await writeFile(join(OUT, 'lang', name), JSON.stringify(words));
  }
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const app = await bundle('src/app.ts', { format: 'es', entryFileNames: 'app-[hash].js' });
await bundle(
  'src/loader.ts',
  { format: 'iife', entryFileNames: 'loader.js' },
  { __APP__: JSON.stringify(app) },
);
await languages();
await copyFile(join(WIDGET, 'src/sluice.d.ts'), join(OUT, 'sluice.d.ts'));
