/**
 * The tabs of a site with the widget on it: one leads and holds the link, all hear the same.
 *
 * The lead is a Web Lock, so that the browser passes it on when the tab dies; where there are none
 * (a site without TLS), a lease on disk, renewed while its tab lives. Two tabs that lead for a moment
 * do no harm: the same word has the same id.
 */

import type { Disk } from './disk.js';
import { uid } from './ids.js';

const LEASE_MS = 8000;
const RENEW_MS = 2000;
/** A tab that leads and does not answer so long is frozen: another takes the lead. */
const SILENT_MS = 3000;

export interface TabEvents<News> {
  /** Said by another tab. */
  news(news: News): void;
  /** This tab leads from now on, or does no longer. */
  lead(leads: boolean): void;
}

export type Tabs<News> = ReturnType<typeof createTabs<News>>;

export function createTabs<News>(name: string, disk: Disk, on: TabEvents<News>) {
  const tab = uid();
  let leads = false;
  let answered = true;
  const channel = disk.durable && 'BroadcastChannel' in self ? new BroadcastChannel(name) : null;

  function become(now: boolean): void {
    if (leads === now) return;
    leads = now;
    on.lead(now);
  }

  /** Waits for the lead, for as long as it takes. */
  async function queue(options: LockOptions = {}): Promise<void> {
    try {
      await navigator.locks.request(name, options, () => {
        become(true);
        return new Promise(() => {}); // until the tab goes
      });
    } catch {
      become(false); // another tab thought us dead
      queue();
    }
  }

  async function renew(): Promise<void> {
    become(await disk.lease(tab, Date.now() + LEASE_MS).catch(() => true));
    setTimeout(renew, RENEW_MS);
  }

  return {
    leads: () => leads,

    /** Begins to listen and to stand for the lead. */
    join(): void {
      if (!channel) become(true);
      else {
        channel.onmessage = ({ data }) => {
          answered = true;
          on.news(data as News);
        };
        if (navigator.locks) queue();
        else renew();
      }
    },

    /** Says something to the other tabs. */
    post(news: News): void {
      channel?.postMessage(news);
    },

    /** Expects an answer from the tab that leads to what was just posted. */
    expect(): void {
      if (leads || !channel || !navigator.locks) return;
      answered = false;
      setTimeout(() => {
        if (!answered && !leads && !document.hidden) queue({ steal: true });
      }, SILENT_MS);
    },
  };
}
