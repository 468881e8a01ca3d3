/**
 * The script a site puts into its page: defines `window.sluice`, keeps what is called of it, and loads
 * the app when the page has time or something is called. Never throws into the page.
 */

import type { Call, Listener, Start } from './app.js';
import type { Sluice } from './sluice.js';

declare const __APP__: string;

const AGAIN_MS = 5000;
const CALLS = ['open', 'close', 'toggle', 'identify', 'reset', 'set'] as const;

function begin(script: HTMLScriptElement): void {
  const calls: Call[] = [];
  const listeners: Listener[] = [];
  let loading = 0;

  const load = (again?: unknown) => {
    // A browser too old for our colours: the page gets no widget rather than a broken one.
    if (!CSS.supports('color', 'light-dark(#fff,#000)')) return;
    if (again !== 1 && loading++) return;
    // A module that failed to load is not asked for again under the same address by every browser.
    const name = loading > 1 ? `${__APP__}?${loading}` : __APP__;
    import(/* @vite-ignore */ new URL(name, script.src).href)
      .then(
        ({ start }: { start: Start }) => start(script, sluice as Sluice, calls, listeners),
        () => setTimeout(load, AGAIN_MS * loading++, 1),
      )
      // What goes wrong with us is not the page's to report.
      .catch(() => {});
  };
  const sluice: Partial<Sluice> = {
    on(event, heed) {
      const listener = [event, heed] as Listener;
      listeners.push(listener);
      return () => {
        const at = listeners.indexOf(listener);
        if (at >= 0) listeners.splice(at, 1);
      };
    },
  };
  for (const name of CALLS)
    sluice[name] = (...given: unknown[]) => {
      calls.push([name, given]);
      load();
    };
  window.sluice = sluice as Sluice;
  (window.requestIdleCallback ?? setTimeout)(load);
}

// A module has no currentScript, and a page may hold the script twice.
const script =
  document.currentScript ??
  document.querySelector('script[data-channel][src*="/widget/v1/loader.js"]');
if (script instanceof HTMLScriptElement && !window.sluice) begin(script);
