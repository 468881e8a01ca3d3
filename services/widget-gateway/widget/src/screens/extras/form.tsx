/** The form before the chat: who the visitor is, if they like to say, or must. */

import type { Lead } from '../../core/frames.js';
import type { H, Props } from '../dom.js';
import type { Ui } from '../ui.js';
import type { Key } from '../words.js';

/** Of a telephone number; other types of input look at nothing or know better themselves. */
const PHONE = '[+\\d][\\d\\s\\(\\).\\/\\-]{4,}';
/** By the field's name: its input, and what is said of a wrong one. */
const FIELDS: Record<keyof Lead, [input: Props, wrong: Key]> = {
  name: [{ autocomplete: 'name', maxlength: 128 }, 'needed'],
  email: [{ type: 'email', autocomplete: 'email', maxlength: 254 }, 'badEmail'],
  phone: [{ type: 'tel', autocomplete: 'tel', maxlength: 32, pattern: PHONE }, 'badPhone'],
};

function submit({ actions, kept }: Ui, event: SubmitEvent) {
  event.preventDefault();
  const lead: Lead = {};
  const wrong: Record<string, Key> = {};
  let first: HTMLInputElement | undefined;
  for (const input of (event.target as HTMLFormElement).querySelectorAll('input')) {
    const name = input.name as keyof Lead;
    const value = input.value.trim();
    // Blanks alone are nothing; the browser does not think so.
    input.value = value;
    if (!input.checkValidity()) {
      wrong[name] = value ? FIELDS[name][1] : 'needed';
      first ??= input;
    } else if (value) lead[name] = value;
  }
  kept.wrong.value = wrong;
  if (first) first.focus();
  else actions.introduce(lead);
}

let met = false;

/** The panel opened before this was loaded, and its focus had nowhere better to go than a button. */
function meet(shadow: ShadowRoot): void {
  if (shadow.querySelector('.panel button:focus'))
    shadow.querySelector<HTMLElement>('.ask input')?.focus();
}

export function form(h: H, ui: Ui) {
  const { state, say, kept } = ui;
  if (!met) queueMicrotask(() => meet(kept.shadow));
  met = true;
  return (
    <form class="ask" novalidate={true} onsubmit={(event: SubmitEvent) => submit(ui, event)}>
      <p>{say('form')}</p>
      {state.look.value?.form?.map(({ name, required }) => {
        const [input] = FIELDS[name];
        const wrong = kept.wrong.value[name];
        return (
          <label>
            <b>{say(name)}</b> {!required && <small>({say('optional')})</small>}
            <input
              name={name}
              {...input}
              required={required}
              dir="auto"
              aria-invalid={!!wrong}
              aria-describedby={wrong && name}
            />
            {wrong && (
              <span class="bad" id={name}>
                {say(wrong)}
              </span>
            )}
          </label>
        );
      })}
      <button class="main">{say('start')}</button>
    </form>
  );
}
