/** The element `<sluice-widget>` in the page: its shadow, its style sheets, its language, its focus. */

import { effect, signal } from '../core/signal.js';
import type { App, Mount } from '../core/state.js';
import { h, painter } from './dom.js';
import { keepDraft } from './drafts.js';
import { icon } from './icon.js';
import { needs } from './needs.js';
import { panel } from './panel.js';
import css from './style.css?inline';
import { look, settle } from './thread.js';
import { keep, type Ui } from './ui.js';
import { direction, locale, voice, type Words } from './words.js';

const NAME = 'sluice-widget';
const AGAIN_MS = 5000;

class Widget extends HTMLElement {}

/** Loads the words of the visitor's language whenever that may have changed. */
function speak({ state, base }: App, heard: (words: Words, of: string) => void): void {
  let wanted = '';
  const load = (of: string) =>
    of === wanted &&
    fetch(`${base}lang/${of.slice(0, 2).toLowerCase()}.json`)
      .then((answer) => answer.json())
      .then((words: Words) => of === wanted && heard(words, of))
      .catch(() => setTimeout(load, AGAIN_MS, of));
  effect(() => {
    const look = state.look.value;
    const { lang } = document.documentElement;
    const of = locale([state.options.value.language, look?.language, lang, ...navigator.languages]);
    if (!look || of === wanted) return;
    wanted = of;
    load(of);
  });
}

function launcher({ state, actions, say }: Ui) {
  const open = state.open.value;
  const n = open ? 0 : state.unread.value;
  const name = say(open ? 'close' : 'open');
  return (
    <button
      class="launch"
      aria-expanded={open}
      aria-label={n ? `${name}, ${say('new', { n })}` : name}
      onclick={open ? actions.close : actions.open}
    >
      {icon(open ? 'down' : 'chat')}
      {n > 0 && <span class="badge">{n}</span>}
    </button>
  );
}

function whole(ui: Ui) {
  const { options, look, open } = ui.state;
  const asked = { ...look.value, ...options.value };
  return (
    <div
      class={`all ${asked.theme} ${asked.position} ${open.value && 'open'}`}
      dir={direction(ui.locale)}
      lang={ui.locale}
    >
      {open.value && panel(ui)}
      {asked.launcher !== false && launcher(ui)}
    </div>
  );
}

/** Draws, and moves the focus: into the panel when it opens, back to where it came from after. */
function drawing(shadow: ShadowRoot): (ui: Ui) => void {
  let open = false;
  let from: Element | null = null;
  const paint = painter(shadow);
  const find = (what: string) => shadow.querySelector<HTMLElement>(what);
  return (ui) => {
    const was = open;
    open = ui.state.open.value;
    const focused = document.activeElement;
    if (open && !was) from = focused;
    const after = settle(ui);
    paint(whole(ui));
    after();
    // A panel that opened by itself must not take the focus from whoever types in the page.
    if (open && !was && navigator.userActivation?.hasBeenActive !== false) {
      (find('.write textarea') ?? find('.ask input') ?? find('.panel button'))?.focus();
    } else if (was && !open && focused === shadow.host) {
      (find('.launch') ?? (from as HTMLElement | null))?.focus();
    }
  };
}

export const mount: Mount = (app) => {
  if (!customElements.get(NAME)) customElements.define(NAME, Widget);
  const host = document.createElement(NAME);
  const shadow = host.attachShadow({ mode: 'open' });
  const style = (text: string) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    shadow.adoptedStyleSheets.push(sheet);
    return sheet;
  };
  const themed = style(`:host{}${css}`).cssRules[0] as CSSStyleRule;
  document.body.append(host);

  const { state } = app;
  const kept = keep(shadow, needs(style));
  const current = signal<Ui | null>(null);
  const draw = drawing(shadow);
  let unread = 0;
  keepDraft(app, kept);
  speak(app, (words, of) => {
    current.value = { ...app, ...voice(words, of), kept };
  });
  effect(() => {
    const { colour } = state.look.value ?? {};
    if (colour) themed.style.setProperty('--look', colour);
  });
  effect(() => {
    const now = state.unread.value;
    const { muted, options, leads } = state;
    if (now > unread && leads.value && !muted.value && options.value.sound !== false)
      kept.extras()?.chime();
    unread = now;
  });
  effect(() => {
    if (current.value) draw(current.value);
  });
  document.addEventListener('visibilitychange', () => current.value && look(current.value));
};
