import { afterEach, expect, test, vi } from 'vitest';
import { makeRoom } from './keyboard.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

function rule() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('.panel{}');
  return sheet.cssRules[0] as CSSStyleRule;
}
const place = ({ style }: CSSStyleRule) =>
  ['--v', '--o'].map((name) => style.getPropertyValue(name));

test('the panel is what the keyboard leaves, unless the visitor zooms', () => {
  const view = Object.assign(new EventTarget(), { height: 760, offsetTop: 0, scale: 1 });
  vi.stubGlobal('visualViewport', view);
  const panel = rule();
  makeRoom(panel);
  expect(place(panel)).toEqual(['760px', '0px']);
  Object.assign(view, { height: 420, offsetTop: 130 });
  view.dispatchEvent(new Event('resize'));
  expect(place(panel)).toEqual(['420px', '130px']);
  Object.assign(view, { height: 100, offsetTop: 0, scale: 3 });
  view.dispatchEvent(new Event('scroll'));
  expect(place(panel)).toEqual(['420px', '130px']);
});

test('a browser that tells nothing of it has the panel as it was', () => {
  vi.stubGlobal('visualViewport', null);
  const panel = rule();
  makeRoom(panel);
  expect(place(panel)).toEqual(['', '']);
});
