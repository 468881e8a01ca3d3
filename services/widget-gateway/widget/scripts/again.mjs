/** Makes what `import()` failed to load be asked for under another address the next time. For build.mjs. */

/** A browser may keep a module's failure under its address, for as long as the page stands. */
const AGAIN = `
let __failed = 0;
const __load = (address) =>
  import(__failed ? address + '?' + __failed : address).catch((error) => {
    __failed++;
    throw error;
  });
`;
const CHUNK = /\bimport\((?=["']\.\/)/g;

/** The code of a chunk, every `import('./…')` of it with a second chance. */
export const again = (code) => {
  const changed = code.replace(CHUNK, '__load(');
  return changed === code ? code : AGAIN + changed;
};
