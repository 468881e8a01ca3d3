/**
 * Builds what the gateway serves: loader.js (stable name), app-<hash>.js and its chunks,
 * lang/<code>.json, those of the chunks in lang/more, and the types of the API.
 */

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { build } from 'vite';
import { again } from './again.mjs';
import { MORE } from './more.mjs';

const WIDGET = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OUT = join(WIDGET, '../src/widget_gateway/static');
const LANGUAGES = join(WIDGET, 'src/screens/lang');

const TERSER = {
  // What a script declares outside functions is the page's: nothing of the loader may get there.
  iife: { ecma: 2022, compress: { passes: 2, inline: false } },
  es: { ecma: 2022, module: true, compress: { passes: 3, unsafe_arrows: true, hoist_funs: true } },
};

/** Vite does not minify libraries, and only of a library it leaves `import()` as it is written. */
const smallest = {
  name: 'smallest',
  async generateBundle({ format }, chunks) {
    for (const chunk of Object.values(chunks))
      if (chunk.type === 'chunk')
        chunk.code = (await minify(again(chunk.code), TERSER[format])).code;
  },
};

/** Two builds, not one: the loader is a classic script and must name the app's hash. */
async function bundle(entry, format, entryFileNames, define = {}) {
  const [built] = await build({
    configFile: false,
    root: WIDGET,
    logLevel: 'warn',
    define,
    plugins: [smallest],
    build: {
      lib: { entry: join(WIDGET, entry), formats: [format], name: 'sluice' },
      target: 'es2022',
      // As written: nothing is put in the place of nesting and light-dark().
      cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
      cssMinify: true,
      minify: false,
      outDir: OUT,
      emptyOutDir: false,
      copyPublicDir: false,
      rolldownOptions: {
        checks: { pluginTimings: false },
        output: { entryFileNames, chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  return built.output.find((chunk) => chunk.isEntry).fileName;
}

async function languages() {
  await mkdir(join(OUT, 'lang/more'), { recursive: true });
  for (const name of await readdir(LANGUAGES)) {
    if (!name.endsWith('.json')) continue;
    const words = Object.entries(JSON.parse(await readFile(join(LANGUAGES, name), 'utf8')));
    for (const [folder, more] of [
      ['lang', false],
      ['lang/more', true],
    ]) {
      const own = words.filter(([key]) => MORE.has(key) === more);
      await writeFile(join(OUT, folder, name), JSON.stringify(Object.fromEntries(own)));
    }
  }
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const app = await bundle('src/app.ts', 'es', 'app-[hash].js');
await bundle('src/loader.ts', 'iife', 'loader.js', { __APP__: JSON.stringify(app) });
await languages();
await copyFile(join(WIDGET, 'src/sluice.d.ts'), join(OUT, 'sluice.d.ts'));
