/** The end of the newest conversation once it is closed, with stars where the site asks for them. */

import type { H } from '../dom.js';
import type { Ui } from '../ui.js';

const STARS = [1, 2, 3, 4, 5];

export function rating(h: H, { state, actions, say, kept: { stars } }: Ui) {
  const [thread] = state.threads.value;
  if (!thread) return null;
  const { id, ask, rating: given } = thread;
  const chosen = given ?? stars.value;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const comment = new FormData(event.target as HTMLFormElement).get('comment') as string;
    actions.rate(id, chosen, comment.trim() || undefined);
    stars.value = 0;
  };
  return (
    <form class="rating" key={id} onsubmit={send}>
      <p>{say('closed')}</p>
      {(ask || given) && (
        <fieldset disabled={!!given}>
          <legend>{say(given ? 'thanks' : 'rate')}</legend>
          {STARS.map((score) => (
            <label class={score <= chosen && 'on'}>
              <input
                class="v"
                type="radio"
                name="score"
                data-score={score}
                checked={score === chosen}
                aria-label={say('stars', { n: score })}
                onchange={() => {
                  stars.value = score;
                }}
              />
              {score <= chosen ? '★' : '☆'}
            </label>
          ))}
        </fieldset>
      )}
      {!given &&
        chosen > 0 && [
          <textarea
            name="comment"
            rows={2}
            maxlength={2000}
            aria-label={say('comment')}
            placeholder={say('comment')}
          />,
          <button class="main">{say('submit')}</button>,
        ]}
    </form>
  );
}
