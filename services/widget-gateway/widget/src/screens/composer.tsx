/** Where the visitor writes. Enter sends, Shift+Enter begins a line. */

import { h } from './dom.js';
import { icon } from './icon.js';
import type { Ui } from './ui.js';

/** A key of an input method that is still composing: Safari ends the composition before the key. */
const COMPOSING = 229;
const ROWS = 6;

/** Sends files at once, as a message of their own. */
export function sendFiles({ actions, kept: { problem } }: Ui, files?: FileList | null) {
  if (files?.length) problem.value = actions.send('', [...files]);
}

export function composer(ui: Ui) {
  const { actions, say, kept } = ui;
  const { draft, problem } = kept;
  const why = problem.value && kept.extras(ui)?.why(ui, problem.value);
  const send = (event: Event) => {
    event.preventDefault();
    const refused = actions.send(draft.value);
    problem.value = refused;
    if (!refused) draft.value = '';
  };
  const press = (event: KeyboardEvent) => {
    const composing = event.isComposing || event.keyCode === COMPOSING;
    if (event.key === 'Enter' && !event.shiftKey && !composing) send(event);
  };
  const type = (event: Event) => {
    draft.value = (event.target as HTMLTextAreaElement).value;
    problem.value = null;
    actions.type();
  };
  const pick = (event: Event) => {
    const input = event.target as HTMLInputElement;
    sendFiles(ui, input.files);
    input.value = '';
  };
  return (
    <form class="write" onsubmit={send}>
      {why && (
        <p class="bad" role="alert">
          {why}
        </p>
      )}
      <label class="icon">
        <input class="v" type="file" multiple aria-label={say('attach')} onchange={pick} />
        {icon('clip')}
      </label>
      <textarea
        aria-label={say('write')}
        placeholder={say('write')}
        rows={Math.min(ROWS, draft.value.split('\n').length)}
        enterkeyhint="send"
        value={draft.value}
        oninput={type}
        onkeydown={press}
      />
      <button class="icon main" aria-label={say('send')}>
        {icon('send')}
      </button>
    </form>
  );
}
