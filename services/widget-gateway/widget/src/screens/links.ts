/**
 * Finds the addresses in a text that may become links. Pure; used by bubble.tsx.
 *
 * Only http, https, mailto and tel ever do. An address ends at a character that could turn the
 * direction of what follows (Cf): what is shown is what is opened.
 */

export interface Link {
  text: string;
  href: string;
}

const ADDRESS = /\b(?:https?:\/\/|mailto:|tel:)[^\s<>"'\p{Cf}]+/giu;
const TRAILING = /[^\p{L}\p{N}/=&#_~%+$*@-]/u;

/**
 * Takes off what belongs to the sentence: a full stop, a bracket that was not opened within. In one
 * pass from the end: a text may be a megabyte of brackets.
 */
function trim(found: string): string {
  const characters = [...found];
  let spare = found.split(')').length - found.split('(').length;
  while (TRAILING.test(characters.at(-1) ?? 'a')) {
    if (characters.at(-1) === ')' && spare-- < 1) break;
    characters.pop();
  }
  return characters.join('');
}

/** The text in pieces; put together they are the text again, character by character. */
export function links(text: string): (string | Link)[] {
  const pieces: (string | Link)[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = trim(match[0]);
    if (!URL.canParse(found)) continue;
    if (match.index > done) pieces.push(text.slice(done, match.index));
    pieces.push({ text: found, href: new URL(found).href });
    done = match.index + found.length;
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}
