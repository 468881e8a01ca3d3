/** One message of the thread. It is made again only when something of it changed. */

import type { PartView } from '../core/frames.js';
import type { Message } from '../core/state.js';
import { h, once } from './dom.js';
import { links } from './links.js';
import type { Row } from './rows.js';
import type { Ui } from './ui.js';

const BLANK = { target: '_blank', rel: 'noopener noreferrer' };

const written = (text: string) => (
  <div class="text" dir="auto">
    {links(text).map((piece) =>
      typeof piece === 'string' ? (
        piece
      ) : (
        <a href={piece.href} {...BLANK}>
          {piece.text}
        </a>
      ),
    )}
  </div>
);

const part = (ui: Ui, { text, file }: PartView) =>
  text || file
    ? [file && ui.kept.extras(ui)?.file(ui, file), text && written(text)]
    : note(ui.say('unknown'));

const note = (text: string) => <p class="note">{text}</p>;

/** When it was written, what became of it, and what can be done about it. */
function below(ui: Ui, message: Message) {
  const { key, at, by, state, seen, problem, progress } = message;
  const { say, actions } = ui;
  const failed = state === 'failed';
  return (
    <div class="meta">
      <time datetime={at}>{ui.time(at)}</time>
      {by === 'contact' && (
        <span key={state} class={state} role={failed && 'alert'}>
          {say(seen ? 'seen' : state)}
        </span>
      )}
      {problem && <span>{ui.kept.extras(ui)?.why(ui, problem)}</span>}
      {failed && <button onclick={() => actions.retry(key)}>{say('retry')}</button>}
      {(failed || progress !== undefined) && (
        <button onclick={() => actions.discard(key)}>{say('discard')}</button>
      )}
    </div>
  );
}

export function bubble(ui: Ui, { message, first, last }: Row) {
  const { key, at, by, author, parts, deleted, state, seen, progress, problem } = message;
  const { say, kept } = ui;
  const own = by === 'contact';
  const extras = (problem || parts.some(({ file }) => file)) && kept.extras(ui);
  return once('div', key, [message, first, last, ui, extras], () => (
    <div
      class={`row ${own ? 'own' : by}${last ? ' last' : ''}`}
      data-key={key}
      data-by={by}
      data-state={state}
      data-seen={!!seen}
      aria-live={own || at <= kept.since ? 'off' : null}
    >
      {first && (
        <bdi class={own ? 'v' : 'who'}>
          {own ? say('you') : (author ?? say(by === 'ai' ? 'assistant' : 'team'))}
        </bdi>
      )}
      {deleted ? note(say('deleted')) : parts.map((each) => part(ui, each))}
      {progress !== undefined && <progress value={progress} aria-label={say('sending')} />}
      {(last || state !== 'sent') && below(ui, message)}
    </div>
  ));
}
