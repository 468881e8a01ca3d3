/**
 * Draws a tree of descriptions into the page, changing only what differs from the last drawing.
 *
 * It does for these screens what a framework would, in a twentieth of our budget. Screens are
 * plain functions that answer nodes. Text becomes text nodes and nothing becomes markup. A place
 * keeps its element from drawing to drawing: by its key, else by where it stands and its tag.
 */

export type Child = Node | string | number | boolean | null | undefined | Child[];
export type Props = Record<string, unknown>;

export interface Node {
  /** '' is text. */
  tag: string;
  key?: string;
  props: Props;
  kids: Child[];
  text?: string;
  /** Made from these: while they are the same, the last drawing stands. */
  from?: readonly unknown[];
  make?: () => Node;
}

declare global {
  namespace JSX {
    type Element = Node;
    type IntrinsicElements = Record<keyof HTMLElementTagNameMap | keyof SVGElementTagNameMap, Props>;
  }
}

interface Drawn {
  node: Node;
  place: Element | Text;
  kids: Map<string, Drawn>;
}

const SVG = 'http://www.w3.org/2000/svg';
const drawings = new WeakMap<ParentNode, Map<string, Drawn>>();

export function h(tag: string, props: Props | null, ...kids: Child[]): Node {
  return { tag, key: props?.key as string, props: props ?? {}, kids };
}

/** A node that is made anew only when one of `from` is another one. */
export function once(tag: string, key: string, from: readonly unknown[], make: () => Node): Node {
  return { tag, key, from, make, props: {}, kids: [] };
}

export function render(root: ParentNode & globalThis.Node, tree: Child): void {
  drawings.set(root, children(root, drawings.get(root) ?? new Map(), [tree]));
}

/** Every child by its key. Holes keep their place, so what stands after them keeps its element. */
function named(kids: Child[], path = '', found = new Map<string, Node>()): Map<string, Node> {
  kids.forEach((kid, index) => {
    const at = `${path}.${index}`;
    if (Array.isArray(kid)) named(kid, at, found);
    else if (kid && typeof kid === 'object') found.set(kid.key ?? at + kid.tag, kid);
    else if (kid || kid === 0) {
      if (kid !== true) found.set(at, { tag: '', props: {}, kids: [], text: `${kid}` });
    }
  });
  return found;
}

function children(parent: globalThis.Node, was: Map<string, Drawn>, kids: Child[]) {
  const now = new Map<string, Drawn>();
  const wanted = named(kids);
  for (const [key, { node, place }] of was) {
    // First, so that what stays is not moved past it: a moved element loses its focus.
    if (wanted.get(key)?.tag !== node.tag) place.remove();
  }
  let next = parent.firstChild;
  for (const [key, node] of wanted) {
    const before = was.get(key);
    const drawn = draw(before?.node.tag === node.tag ? before : undefined, node);
    if (drawn.place === next) next = next.nextSibling;
    else parent.insertBefore(drawn.place, next);
    now.set(key, drawn);
  }
  return now;
}

function draw(before: Drawn | undefined, node: Node): Drawn {
  const { from } = node;
  if (before && from?.every((each, index) => each === before.node.from?.[index])) return before;
  const { tag, props, kids, text } = from && node.make ? node.make() : node;
  const place = before?.place ?? create(tag);
  if (place instanceof Text) {
    if (place.data !== text) place.data = text ?? '';
    return { node, place, kids: new Map() };
  }
  const last = before?.node.props ?? {};
  node.props = props;
  for (const name in { ...last, ...props }) set(place, name, last[name], props[name]);
  return { node, place, kids: children(place, before?.kids ?? new Map(), kids) };
}

function create(tag: string): Element | Text {
  if (!tag) return new Text();
  return tag === 'svg' || tag === 'path'
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
}

function set(place: Element, name: string, last: unknown, value: unknown): void {
  const at = place as unknown as Props;
  if (name === 'value' || name === 'checked') {
    if (at[name] !== value) at[name] = value;
  } else if (value === last || name === 'key') {
    return;
  } else if (name.startsWith('on')) {
    at[name] = value;
  } else if (value === undefined || value === null || (value === false && !name.startsWith('aria'))) {
    place.removeAttribute(name);
  } else {
    place.setAttribute(name, value === true && !name.startsWith('aria') ? '' : `${value}`);
  }
}
