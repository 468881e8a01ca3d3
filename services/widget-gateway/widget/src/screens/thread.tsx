/**
 * What was said, as a log that stays at its end.
 *
 * The box is laid out from its end (column-reverse), so its scroll position counts from there: what
 * is put above moves nothing. Only what is put below while the visitor reads further up is made
 * good by hand.
 */

import { bubble } from './bubble.js';
import { h } from './dom.js';
import { icon } from './icon.js';
import { rows } from './rows.js';
import { here, type Ui } from './ui.js';

/** Nearer to the end than this counts as there; nearer to the beginning than LOAD fetches more. */
const NEAR = 40;
const LOAD = 300;

const boxOf = ({ kept }: Ui) => kept.shadow.querySelector('.box');

/** Call it before a drawing, and what it answers after it. */
export function settle(ui: Ui): () => void {
  const height = boxOf(ui)?.scrollHeight ?? 0;
  return () => {
    const box = boxOf(ui);
    const last = ui.state.messages.value.at(-1);
    if (box && last && last.key !== ui.kept.newest) {
      ui.kept.newest = last.key;
      if (last.by === 'contact') box.scrollTop = 0;
      else if (height && box.scrollTop < -NEAR) box.scrollTop -= box.scrollHeight - height;
    }
    look(ui);
  };
}

/** Tells the core what is on the screen, and fetches what is about to be. */
export function look(ui: Ui): void {
  const { state, actions, kept } = ui;
  const box = boxOf(ui);
  if (!box) return;
  const messages = state.messages.value;
  if (messages !== kept.told && box.scrollTop >= -NEAR && !document.hidden) {
    kept.told = messages;
    // The last of each conversation and hand: the news may be in an older one.
    new Map(messages.map((each) => [each.by + each.conversation, each])).forEach(actions.saw);
  }
  const above = box.scrollHeight - box.clientHeight + box.scrollTop;
  if (above < LOAD && state.older.value === 'some') actions.more();
}

const divider = (key: string, text: string) => (
  <p class="day" key={key} aria-live="off">
    {text}
  </p>
);

function greeting({ state, say }: Ui) {
  const { greeting, away } = state.look.value ?? {};
  return (
    <p class="hello" dir="auto" aria-live="off">
      <b>{greeting ?? say('hello')}</b>
      {!here(state) && (away ?? say('leave'))}
    </p>
  );
}

/** What is new below what is on the screen: at the end of the thread nothing stays new. */
function chip(ui: Ui) {
  const n = ui.state.unread.value;
  return (
    n > 0 && (
      <button class="main chip" onclick={() => boxOf(ui)?.scrollTo(0, 0)}>
        {ui.say('new', { n })}
        {icon('down')}
      </button>
    )
  );
}

export function thread(ui: Ui) {
  const { state, say, kept, day } = ui;
  const messages = state.messages.value;
  const typing = state.typing.value;
  kept.since ||= messages.at(-1)?.at ?? '';
  return (
    <div class="middle">
      <div
        class="box"
        onscroll={() => look(ui)}
        role="log"
        aria-live="polite"
        aria-label={say('chat')}
        tabindex={0}
      >
        <div class="log">
          {state.older.value === 'none' && greeting(ui)}
          {rows(messages).map((row) => {
            const { key, at } = row.message;
            return [
              row.turn && divider(`t${key}`, say('fresh')),
              row.day && divider(`d${key}`, day(at)),
              bubble(ui, row),
            ];
          })}
          {typing && (
            <p class="note" aria-live="off">
              {say('typing', { name: typing.author ?? say('team') })}
            </p>
          )}
          {state.threads.value[0]?.open === false && kept.extras(ui)?.rating(ui)}
        </div>
      </div>
      {chip(ui)}
    </div>
  );
}
