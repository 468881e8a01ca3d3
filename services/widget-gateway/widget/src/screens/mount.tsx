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
import { direction, fetchWords, locale, voice, type Words } from './words.js';

const NAME = 'sluice-widget';
const AGAIN_MS = 5000;
/** Where somebody may be typing: from there a panel that opens does not take the focus. */
const TYPING = 'input,textarea,select,[contenteditable]';

class Widget extends HTMLElement {}

/** Loads the words of the visitor's language whenever that may have changed. */
function speak({ state, base }: App, heard: (words: Words, of: string) => void): void {
  let wanted = '';
  const load = (of: string) =>
    of === wanted &&
    fetchWords(`${base}lang/`, of)
      .then((words) => of === wanted && heard(words, of))
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

/** Draws, and moves the focus: into the panel, on when what had it goes, and back to where it was. */
function drawing(shadow: ShadowRoot, { state }: App): (ui: Ui) => void {
  // Open from the beginning, it was so on the page before: there is nobody's focus to take.
  let open = state.open.value;
  let from: HTMLElement | null;
  const paint = painter(shadow);
  const focus = (what: string) => {
    const found = shadow.querySelector<HTMLElement>(what);
    found?.focus();
    return found;
  };
  return (ui) => {
    const was = open;
    open = ui.state.open.value;
    const focused = document.activeElement as HTMLElement | null;
    const ours = focused === shadow.host;
    if (!was) from = ours || focused === document.body ? null : focused;
    const after = settle(ui);
    paint(whole(ui));
    after();
    const moves =
      open && !was
        ? !focused?.matches(TYPING) && navigator.userActivation?.hasBeenActive !== false
        : ours && !shadow.activeElement;
    if (!moves) return;
    if (open) focus('.write textarea') ?? focus('.ask input') ?? focus('.panel button');
    else from?.isConnected ? from.focus() : focus('.launch');
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
  // Beside the body: some sites change that for another with every page.
  document.documentElement.append(host);

  const { state } = app;
  const kept = keep(shadow, needs(style));
  const current = signal<Ui | null>(null);
  const draw = drawing(shadow, app);
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
    if (now > unread) {
      const extras = current.value && kept.extras(current.value);
      if (!extras) return;
      extras.chime(state);
    }
    unread = now;
  });
  document.addEventListener('visibilitychange', () => current.value && look(current.value));
  return new Promise((drawn) => {
    effect(() => {
      if (!current.value) return;
      draw(current.value);
      drawn();
    });
  });
};
