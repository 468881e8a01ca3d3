import { beforeEach, expect, test } from 'vitest';
import { type Child, h, once, painter } from './dom.js';

let root: HTMLElement;
let paint: (tree: Child) => void;

beforeEach(() => {
  root = document.createElement('div');
  document.body.replaceChildren(root);
  paint = painter(root);
});

test('text is text', () => {
  paint(<p title={'"><b>'}>{'<img src=x onerror=alert(1)>'}</p>);
  expect(root.querySelector('img')).toBeNull();
  expect(root.textContent).toBe('<img src=x onerror=alert(1)>');
});

test('what is false or null is nothing, and zero is a number', () => {
  paint(
    <p>
      {false}
      {null}
      {undefined}
      {''}
      {0}
    </p>,
  );
  expect(root.innerHTML).toBe('<p>0</p>');
});

test('an element stays where it stands when its neighbours come and go', () => {
  const tree = (before: boolean, items: string[]) => (
    <div>
      {before && <b>before</b>}
      {items.map((item) => (
        <i>{item}</i>
      ))}
      <input />
    </div>
  );
  paint(tree(false, ['1']));
  const input = root.querySelector('input') as HTMLInputElement;
  input.focus();
  paint(tree(true, ['1', '2', '3']));
  paint(tree(false, []));
  expect(root.querySelector('input')).toBe(input);
  expect(document.activeElement).toBe(input);
});

test('rows with a key keep their element, in any order', () => {
  const tree = (keys: string) => (
    <div>
      {[...keys].map((key) => (
        <p key={key}>{key}</p>
      ))}
    </div>
  );
  const shown = () => [...root.querySelectorAll('p')];
  paint(tree('abcd'));
  const [a, b, c, d] = shown();
  paint(tree('xdab'));
  expect(shown().slice(1)).toEqual([d, a, b]);
  expect(root.textContent).toBe('xdab');
  expect(c?.isConnected).toBe(false);
  expect(root.querySelector('[key]')).toBeNull();
});

test('attributes, properties and handlers follow', () => {
  let pressed = 0;
  const tree = (on: boolean) => (
    <button
      class={on ? 'on' : null}
      aria-expanded={on}
      disabled={!on}
      onclick={
        on
          ? () => {
              pressed++;
            }
          : null
      }
    />
  );
  paint(tree(true));
  const button = root.querySelector('button') as HTMLButtonElement;
  expect([...button.attributes].map(({ name, value }) => [name, value])).toEqual([
    ['class', 'on'],
    ['aria-expanded', 'true'],
  ]);
  button.click();
  paint(tree(false));
  expect(button.getAttribute('aria-expanded')).toBe('false');
  expect(button.hasAttribute('class')).toBe(false);
  expect(button.disabled).toBe(true);
  button.onclick?.(new PointerEvent('click'));
  expect(pressed).toBe(1);
});

test('a value the visitor changed is put back to what it is to be', () => {
  paint(<input value="" />);
  const input = root.querySelector('input') as HTMLInputElement;
  input.value = 'typed';
  paint(<input value="" />);
  expect(input.value).toBe('');
});

test('what is made once is made again only of other things', () => {
  let made = 0;
  const tree = (from: unknown) =>
    once('p', 'k', [from], () => {
      made++;
      return <p>{`${from}`}</p>;
    });
  paint(tree(1));
  paint(tree(1));
  expect(made).toBe(1);
  paint(tree(2));
  expect([made, root.innerHTML]).toEqual([2, '<p>2</p>']);
});

test('icons are of SVG', () => {
  paint(
    <svg viewBox="0 0 1 1">
      <path d="M0 0" />
    </svg>,
  );
  expect(root.querySelector('path')?.namespaceURI).toBe('http://www.w3.org/2000/svg');
});
