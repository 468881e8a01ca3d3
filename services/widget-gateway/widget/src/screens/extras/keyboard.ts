/** Keeps the panel within what a phone's keyboard leaves of the screen, which no unit of CSS knows. */

/** Into the rule: --v and --o, how high the panel is and how far down (style.css). */
export function makeRoom({ style }: CSSStyleRule): void {
  const view = window.visualViewport;
  const follow = () => {
    const { height, offsetTop, scale } = view as VisualViewport;
    // Who zooms in wants the panel as it was.
    if (scale > 1.1) return;
    style.setProperty('--v', `${height}px`);
    style.setProperty('--o', `${offsetTop}px`);
  };
  view?.addEventListener('resize', follow);
  view?.addEventListener('scroll', follow);
  if (view) follow();
}
