/** Whether the form before the chat (extras/form.tsx) is to be shown. */

import type { State } from '../core/state.js';

/** Whether to ask: nobody did yet, the visitor is not known, and has not written before. */
export const asks = ({ look, lead, visitor, threads, messages }: State) =>
  look.value?.form?.length &&
  !lead.value &&
  !visitor.value?.user_id &&
  !threads.value.length &&
  !messages.value.length;
