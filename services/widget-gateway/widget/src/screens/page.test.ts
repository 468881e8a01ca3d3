/** The widget and the page it stands on: each leaves the other its keys, its focus and its words. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import en from './lang/en.json';
import { type Stage, stage } from './staged.js';

beforeEach(() => {
  vi.stubGlobal('fetch', async () => Response.json(en));
});
afterEach(() => {
  document.body.replaceChildren();
});

const opened = () =>
  stage((state) => {
    state.open.value = true;
  });
const sent = ({ asked }: Stage) => asked.filter(([action]) => action === 'send');

function ours(tag: 'button' | 'input' | 'textarea' | 'select'): HTMLElement {
  const element = document.createElement(tag);
  document.body.append(element);
  element.focus();
  return element;
}

test.each([
  ['keydown', KeyboardEvent],
  ['keypress', KeyboardEvent],
  ['keyup', KeyboardEvent],
  ['paste', Event],
  ['dragenter', Event],
  ['dragover', Event],
  ['dragleave', Event],
  ['drop', Event],
])('%s in the chat is no shortcut of the page', async (name, Kind) => {
  const { find } = await opened();
  const heard = vi.fn();
  document.addEventListener(name, heard);
  find('.write textarea').dispatchEvent(
    new Kind(name, { key: 'k', bubbles: true, composed: true } as EventInit),
  );
  document.removeEventListener(name, heard);
  expect(heard).not.toHaveBeenCalled();
});

/** Something is pasted or dropped: its types, and whether it goes out as a file. */
test.each([
  ['paste', ['Files'], true],
  ['paste', ['text/plain', 'Files'], true],
  ['paste', ['text/html', 'Files'], true],
  ['paste', ['text/plain', 'text/html', 'text/rtf', 'Files'], false],
  ['paste', ['text/plain'], false],
  ['drop', ['text/plain', 'text/html', 'Files'], true],
])('%s of %j', async (name, types, goes) => {
  const on = await opened();
  const event = new Event(name, { bubbles: true, cancelable: true });
  const data = { types, files: [new File(['x'], 'x.png')] };
  Object.assign(event, { clipboardData: data, dataTransfer: data });
  on.find('.write textarea').dispatchEvent(event);
  expect([sent(on).length > 0, event.defaultPrevented]).toEqual([goes, goes]);
});

test.each(['input', 'textarea', 'select'] as const)(
  'a panel that opens by itself takes no focus from %s',
  async (tag) => {
    const { state, drawn } = await stage();
    const typing = ours(tag);
    state.open.value = true;
    await drawn('.panel');
    expect(document.activeElement).toBe(typing);
  },
);

test('a panel that was open on the page before takes no focus', async () => {
  const { root, find } = await opened();
  expect(find('.panel')).not.toBeNull();
  expect(root.activeElement).toBeNull();
});

test('opened by a button of the page, it gives the focus back to that', async () => {
  const { state, root, find, drawn } = await stage();
  const button = ours('button');
  state.open.value = true;
  await drawn('.panel');
  expect(root.activeElement).toBe(find('.write textarea'));
  state.open.value = false;
  await drawn();
  expect(document.activeElement).toBe(button);
});

test('a button that is gone meanwhile gets no focus: the launcher does', async () => {
  const { state, root, find, drawn } = await stage();
  const button = ours('button');
  state.open.value = true;
  await drawn('.panel');
  button.remove();
  state.open.value = false;
  await drawn();
  expect(root.activeElement).toBe(find('.launch'));
});

test('when what has the focus goes, the panel keeps it', async () => {
  const { state, root, find, drawn } = await stage((state) => {
    state.open.value = true;
    state.look.value = { form: [{ name: 'name' }] };
  });
  await drawn('.ask');
  find('.ask button').focus();
  state.lead.value = {};
  await drawn();
  expect(root.activeElement).toBe(find('.write textarea'));
});

test('a page that changes its body keeps the widget', async () => {
  const { root } = await opened();
  document.body.replaceWith(document.createElement('body'));
  expect(root.host.isConnected).toBe(true);
});
