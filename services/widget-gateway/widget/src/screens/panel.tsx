/** The panel: header, thread, and at its foot the composer, the form, or why there is neither. */

import { asks } from './asks.js';
import { composer, sendFiles } from './composer.js';
import { h } from './dom.js';
import { icon } from './icon.js';
import { thread } from './thread.js';
import { here, type Ui } from './ui.js';

/** On a screen like this the panel covers all of it and keeps the focus; as in style.css. */
export const SMALL = '(max-width:480px)';

const title = ({ state, say }: Ui) => state.look.value?.title ?? say('chat');

function head(ui: Ui) {
  const { state, actions, say } = ui;
  const next = state.look.value?.hours?.next;
  const now = here(state);
  const muted = state.muted.value;
  return (
    <header>
      <div>
        <h2>
          <bdi>{title(ui)}</bdi>
        </h2>
        <p class={now && 'here'}>
          {now ? say('here') : ((next && ui.kept.extras(ui)?.back(ui, next)) ?? say('away'))}
        </p>
      </div>
      {state.options.value.sound !== false && (
        <button
          class="icon"
          aria-label={say('sound')}
          aria-pressed={!muted}
          onclick={() => actions.mute(!muted)}
        >
          {icon(muted ? 'quiet' : 'sound')}
        </button>
      )}
      <button class="icon" aria-label={say('close')} onclick={actions.close}>
        {icon('close')}
      </button>
    </header>
  );
}

function offline({ state, say }: Ui) {
  const n = state.messages.value.filter((message) => message.state === 'sending').length;
  return (
    <p class="banner">
      {say('offline')}
      {n > 0 && ` · ${say('waiting', { n })}`}
    </p>
  );
}

/** What happens in the panel is none of the page's: it would take letters for its shortcuts. */
const quiet = (event: Event) => event.stopPropagation();

/** What a key does wherever it is pressed in the panel. */
function press(ui: Ui, event: KeyboardEvent) {
  const { actions, kept } = ui;
  quiet(event);
  if (event.key === 'Escape' && !event.isComposing) {
    actions.close();
  } else if (event.key === 'Tab' && matchMedia(SMALL).matches) {
    kept.extras(ui)?.trap(event.currentTarget as Element, event);
  }
}

export function panel(ui: Ui) {
  const { unavailable, link, era } = ui.state;
  const closed = unavailable.value !== null;
  // Rather no form than no way to write: null is a form that could not be loaded.
  const asking = !closed && asks(ui.state) && ui.kept.extras(ui) !== null;
  /** Files that are dropped or pasted go out at once, when something can be sent at all. */
  const take = (event: Event, data: DataTransfer | null) => {
    quiet(event);
    const has = (type: string) => data?.types.includes(type);
    // Words out of a table or a letter bring their picture along: it is the words that are meant.
    const words = event.type === 'paste' && has('text/plain') && has('text/html');
    if (closed || asking || words || !has('Files')) return;
    event.preventDefault();
    sendFiles(ui, data?.files);
  };
  const small = matchMedia(SMALL).matches;
  // Of these is also what makes room for a keyboard.
  if (small) ui.kept.extras(ui);
  const drag = (event: DragEvent) => take(event, event.dataTransfer);
  return (
    // Whoever comes next gets another: with what was typed into it and may be undone.
    <section
      key={era.value}
      class="panel"
      role="dialog"
      aria-modal={small}
      aria-label={title(ui)}
      onkeydown={(event: KeyboardEvent) => press(ui, event)}
      onkeyup={quiet}
      onkeypress={quiet}
      onpaste={(event: ClipboardEvent) => take(event, event.clipboardData)}
      ondragenter={quiet}
      ondragleave={quiet}
      ondragover={drag}
      ondrop={drag}
    >
      {head(ui)}
      <div role="status">{link.value === 'offline' && offline(ui)}</div>
      {thread(ui)}
      {closed ? (
        <p class="closed">{ui.say('unavailable')}</p>
      ) : asking ? (
        ui.kept.extras(ui)?.form(ui)
      ) : (
        composer(ui)
      )}
    </section>
  );
}
