/** What the screens may do: each a word into the queue, or a piece of news for all tabs. */

import type { Row } from './disk.js';
import { MAX_PARTS, type Older, type Page } from './frames.js';
import { uid } from './ids.js';
import type { News } from './news.js';
import type { Queue } from './queue.js';
import type { Actions, Problem, State } from './state.js';

const TYPING_EVERY_MS = 3000;
/** Words that history has not told yet; somebody who is offline so long is told instead. */
const MOST_WAITING = 100;

export interface Doing {
  state: State;
  queue: Queue;
  era(): string;
  older(): Older | undefined;
  say(...news: News): void;
}

/**
 * Where this visit began: kept for as long as the tab, and under the era, so that nobody on a page
 * after reset() is said to have come that way.
 */
function arrival(era: string): Page {
  const here = { landing: location.href, referrer: document.referrer };
  try {
    sessionStorage[era] ||= JSON.stringify(here);
    return JSON.parse(sessionStorage[era]);
  } catch {
    return here; // storage is not to be had: this page is all we know
  }
}

/** Where the visitor is now; the gateway takes secrets out of the addresses, and cuts them. */
const page = (): Page => ({
  url: location.href,
  title: document.title,
  language: navigator.language,
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  screen: `${screen.width}x${screen.height}`,
});

export function createActions(on: Doing): Actions {
  const { state, queue } = on;
  const flag = `sluice:${state.options.value.channel}`;
  let typed = 0;
  /** The message that was said last to have been on the screen. */
  let seen = '';
  const first = on.era();
  const came = arrival(first);

  function wrong(text: string, files: readonly File[]): Problem | null {
    const { text: most, file: largest } = state.limits.value;
    if (!text && !files.length) return 'empty';
    if (new Blob([text]).size > most) return 'too_long';
    if (files.length + +!!text > MAX_PARTS) return 'too_many_files';
    if (largest && files.some(({ size }) => size > largest)) return 'file_too_big';
    return queue.rows().length < MOST_WAITING ? null : 'queue_full';
  }

  /** The next page of this tab is to know whose panel is open. */
  function turn(open: boolean): void {
    state.open.value = open;
    try {
      sessionStorage[flag] = open && on.era();
    } catch {
      // A browser that keeps nothing: there the panel is closed.
    }
  }

  function say(body: Row['body'], files: readonly File[] = []): void {
    queue.add({
      id: uid(),
      era: on.era(),
      body,
      at: new Date().toISOString(),
      files: files.map((blob) => ({ name: blob.name, blob })),
    });
    on.say('wake');
  }

  return {
    open() {
      turn(true);
      on.say('wake');
    },
    close: () => turn(false),
    stays() {
      try {
        return sessionStorage[flag] === on.era();
      } catch {
        return false;
      }
    },
    send(text, files = []) {
      const problem = wrong(text.trim(), files);
      if (problem) return problem;
      const begins = !state.threads.value.some(({ open }) => open);
      say(
        {
          t: 'message',
          text,
          ...(begins && {
            lead: state.lead.value,
            page: { ...page(), ...(on.era() === first && came) },
          }),
        },
        files,
      );
      typed = 0;
      return null;
    },
    retry: queue.retry,
    discard: queue.discard,
    type() {
      const now = Date.now();
      if (now - typed < TYPING_EVERY_MS) return;
      typed = now;
      on.say('typing');
    },
    saw({ key, conversation, seq, by }) {
      if (key !== seen && by !== 'contact') on.say('saw', conversation, seq);
      seen = key;
    },
    more() {
      const older = on.older();
      if (older) on.say('older', older);
    },
    rate(conversation, score, comment) {
      say({ t: 'rate', conversation, score, comment });
    },
    introduce: (lead) => on.say('is', 'lead', lead),
    mute: (muted) => on.say('is', 'muted', muted),
  };
}
