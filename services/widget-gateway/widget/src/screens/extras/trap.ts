/** Keeps the focus in the panel where it covers the screen: after its last element comes its first. */

const FOCUSABLE = 'a[href],button,input,textarea,[tabindex]';

export function trap(panel: Element, event: KeyboardEvent): void {
  const all = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (from?.matches(':focus')) {
    event.preventDefault();
    to?.focus();
  }
}
