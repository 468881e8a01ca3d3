/** The form before the chat: who the visitor is, if they like to say, or must. */

import { h } from './dom.js';
import type { Lead } from '../core/frames.js';
import type { State } from '../core/state.js';
import type { Ui } from './ui.js';
import type { Key } from './words.js';

const FIELDS = {
  name: { type: 'text', maxlength: 128, autocomplete: 'name', bad: 'needed' },
  email: { type: 'email', maxlength: 254, autocomplete: 'email', bad: 'badEmail' },
  phone: { type: 'tel', maxlength: 32, autocomplete: 'tel', pattern: '\\+?[\\d\\s().\\/\\-]{5,}', bad: 'badPhone' },
} as const;

/** Whether to ask: nobody did yet, the visitor is not known, and has not written before. */
export const asks = ({ look, lead, visitor, threads, messages }: State) =>
  !!look.value?.form?.length &&
  !lead.value &&
  !visitor.value?.user_id &&
  !threads.value.length &&
  !messages.value.length;

export function form(ui: Ui) {
  const { state, actions, say, kept: { wrong } } = ui;
  const submit = (event: Event) => {
    event.preventDefault();
    const target = event.target as HTMLFormElement;
    const lead: Lead = {};
    const found: Record<string, Key> = {};
    for (const input of target.querySelectorAll('input')) {
      const name = input.name as keyof Lead;
      input.value = input.value.trim();
      if (input.validity.valueMissing) found[name] = 'needed';
      else if (!input.validity.valid) found[name] = FIELDS[name].bad;
      else if (input.value) lead[name] = input.value;
    }
    wrong.value = found;
    const first = Object.keys(found)[0];
    if (first) target.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
    else actions.introduce(lead);
  };
  return (
    <form class="ask" novalidate onsubmit={submit}>
      <p>{say('form')}</p>
      {state.look.value?.form?.map(({ name, required }) => {
        const { bad: _, ...field } = FIELDS[name];
        const mistake = wrong.value[name];
        return (
          <label>
            <span>{say(name)} {!required && <small>({say('optional')})</small>}</span>
            <input name={name} {...field} required={required} dir="auto"
              aria-invalid={!!mistake} aria-describedby={mistake && `wrong-${name}`} />
            {mistake && <span class="bad" id={`wrong-${name}`}>{say(mistake)}</span>}
          </label>
        );
      })}
      <button class="main">{say('start')}</button>
    </form>
  );
}
