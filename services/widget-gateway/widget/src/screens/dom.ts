/**
 * Draws a tree of descriptions into the page, changing only what differs from the last drawing.
 *
 * It does for these screens what a framework would, in a twentieth of our budget. Screens are
 * plain functions that answer nodes. Text becomes text nodes and nothing becomes markup. A place
 * keeps its element from drawing to drawing: by its key, else by where it stands and its tag.
 */

export type Child = Node | string | number | false | null | undefined | Child[];
export type Props = Record<string, unknown>;

export interface Node {
  /** '' is text, in `kids`. */
  tag: string;
  key?: string;
  props: Props;
  kids: Child[];
  /** What `make` made it from: while that is the same, the last drawing stands. */
  from?: readonly unknown[];
  make?: () => Node;
}

declare global {
  namespace JSX {
    type Element = Node;
    type IntrinsicElements = Record<
      keyof HTMLElementTagNameMap | keyof SVGElementTagNameMap,
      Props
    >;
  }
}

interface Drawn {
  node: Node;
  place: Element | Text;
  kids: Drawings;
}
/** The children of an element, by their keys. */
type Drawings = Map<string, Drawn>;

const SVG = 'http://www.w3.org/2000/svg';

export const h = (tag: string, props: Props | null, ...kids: Child[]): Node => ({
  tag,
  key: props?.key as string,
  props: props ?? {},
  kids,
});

export type H = typeof h;

/** A node that is made anew only when one of `from` is another one. */
export const once = (tag: string, key: string, from: unknown[], make: () => Node): Node => ({
  ...h(tag, { key }),
  from,
  make,
});

/** What draws a tree into `root`, again and again. */
export function painter(root: ParentNode & globalThis.Node): (tree: Child) => void {
  let drawn: Drawings = new Map();
  return (tree) => {
    drawn = children(root, drawn, [tree]);
  };
}

/** Every child by its key. Holes keep their place, so what stands after them keeps its element. */
function named(kids: Child[], path = '', found = new Map<string, Node>()): Map<string, Node> {
  kids.forEach((kid, index) => {
    const at = `${path}.${index}`;
    if (Array.isArray(kid)) named(kid, at, found);
    else if (kid || kid === 0) {
      const node = typeof kid === 'object' ? kid : { tag: '', props: {}, kids: [kid] };
      found.set(node.key ?? at + node.tag, node);
    }
  });
  return found;
}

function children(parent: globalThis.Node, was: Drawings, kids: Child[]): Drawings {
  const now: Drawings = new Map();
  const wanted = named(kids);
  // First, so that what stays is not moved past it: an element that is moved loses its focus.
  for (const [key, { place }] of was) if (!wanted.has(key)) place.remove();
  let next = parent.firstChild;
  for (const [key, node] of wanted) {
    const drawn = draw(was.get(key), node);
    if (drawn.place === next) next = next.nextSibling;
    else parent.insertBefore(drawn.place, next);
    now.set(key, drawn);
  }
  return now;
}

function draw(before: Drawn | undefined, node: Node): Drawn {
  const { from } = node;
  if (from && before?.node.from?.every((each, index) => each === from[index])) return before;
  const { tag, props, kids } = node.make?.() ?? node;
  const place = before?.place ?? create(tag);
  if (place instanceof Text) {
    if (place.data !== `${kids}`) place.data = `${kids}`;
    return { node, place, kids: new Map() };
  }
  const last = before?.node.props ?? {};
  for (const name in { ...last, ...props }) set(place, name, last[name], props[name]);
  return {
    node: { ...node, props },
    place,
    kids: children(place, before?.kids ?? new Map(), kids),
  };
}

const create = (tag: string): Element | Text =>
  tag
    ? /svg|path/.test(tag)
      ? document.createElementNS(SVG, tag)
      : document.createElement(tag)
    : new Text();

function set(place: Element, name: string, last: unknown, value: unknown): void {
  const at = place as unknown as Props;
  const aria = name.startsWith('aria');
  if (name === 'value' || name === 'checked') {
    if (at[name] !== value) at[name] = value;
  } else if (value === last || name === 'key') {
    return;
  } else if (name.startsWith('on')) {
    at[name] = value;
  } else if (value == null || (value === false && !aria)) {
    place.removeAttribute(name);
  } else {
    place.setAttribute(name, value === true && !aria ? '' : `${value}`);
  }
}
