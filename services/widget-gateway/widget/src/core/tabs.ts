/**
 * The tabs of a site with the widget on it: one leads and holds the link, all hear the same.
 *
 * The lead is a Web Lock, which the browser passes on when the tab dies. Where there is none (a site
 * without TLS, a browser that keeps nothing) every tab leads, and none hears of the others: the disk
 * and the token are common, and the same word has the same id, whoever sends it.
 */

/** A tab that leads and is silent for so long is frozen: another takes the lead. */
const SILENT_MS = 3000;

export interface TabEvents<News> {
  /** Said by another tab. */
  news(news: News): void;
  /** This tab leads from now on, or does no longer. */
  lead(leads: boolean): void;
}

export type Tabs<News> = ReturnType<typeof createTabs<News>>;

export function createTabs<News>(name: string, shared: boolean, on: TabEvents<News>) {
  let leads = false;
  /** How often the tab that leads was heard. */
  let heard = 0;
  const channel = shared && navigator.locks ? new BroadcastChannel(name) : undefined;

  function become(now: boolean): void {
    leads = now;
    on.lead(now);
  }

  /** Waits for the lead, for as long as it takes. */
  async function queue(steal = false): Promise<void> {
    try {
      await navigator.locks.request(name, { steal }, () => {
        become(true);
        return new Promise(() => {}); // until the tab goes
      });
    } catch {
      become(false); // another tab thought us frozen
      queue();
    }
  }

  return {
    leads: () => leads,

    /** Takes the lead from whoever has it. */
    seize(): void {
      if (channel && !leads) queue(true);
    },

    /** Begins to listen and to stand for the lead. */
    join(): void {
      if (!channel) {
        become(true);
        return;
      }
      channel.onmessage = ({ data: [leading, news] }) => {
        if (leading) heard++;
        on.news(news);
      };
      queue();
    },

    /** Says something to the other tabs. */
    post(news: News): void {
      channel?.postMessage([leads, news]);
    },

    /** Something was said that the tab that leads answers at once. */
    expect(): void {
      const before = heard;
      setTimeout(() => heard === before && !document.hidden && this.seize(), SILENT_MS);
    },
  };
}
