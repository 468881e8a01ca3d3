/** A file of a message: a picture is shown, any other is named. */

import type { FileView } from '../../core/frames.js';
import type { H } from '../dom.js';
import type { Ui } from '../ui.js';
import { size as written } from './measures.js';

const SHEET = 'M6 3h8l4 4v14H6zm8 0v4h4';

/** What a file may be opened from; none of any other scheme. */
function address({ base }: Ui, url: string | null | undefined): string | null {
  const href = url && URL.canParse(url, base) ? new URL(url, base).href : '';
  return /^https?:/.test(href) ? href : null;
}

export function file(h: H, ui: Ui, { url, name = '', mime_type: type, size }: FileView) {
  const href = address(ui, url);
  const to = href && { href, target: '_blank', rel: 'noopener noreferrer' };
  const picture = href && type?.startsWith('image/');
  const shown = picture ? (
    <img src={href} alt={name} />
  ) : (
    [
      <svg viewBox="0 0 24 24" aria-hidden={true}>
        <path d={SHEET} />
      </svg>,
      <bdi>{name}</bdi>,
      size ? <small>{written(ui, size)}</small> : null,
    ]
  );
  return h(to ? 'a' : 'div', { class: 'file', ...to }, shown);
}
