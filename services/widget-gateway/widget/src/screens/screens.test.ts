import { beforeEach, expect, test, vi } from 'vitest';
import type { Message, State } from '../core/state.js';
import ar from './lang/ar.json';
import en from './lang/en.json';
import { said, stage } from './staged.js';

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal('fetch', async (url: string) => Response.json(url.endsWith('/ar.json') ? ar : en));
});

const opened = (state: State) => {
  state.open.value = true;
};
const texts = (elements: HTMLElement[]) => elements.map((element) => element.textContent);
const asked = (all: [string, ...unknown[]][], action: string) =>
  all.filter(([name]) => name === action);

test('the launcher says how many messages are new', async () => {
  const { find, state, drawn } = await stage();
  expect(find('.launch').getAttribute('aria-label')).toBe('Open chat');
  state.unread.value = 3;
  await drawn();
  expect(find('.launch').getAttribute('aria-label')).toBe('Open chat, 3 new messages');
  expect(find('.badge').textContent).toBe('3');
});

test('it opens with the focus in the composer and closes with Escape', async () => {
  const { find, root, drawn } = await stage();
  find('.launch').click();
  await drawn();
  expect(root.activeElement).toBe(find('.write textarea'));
  find('.write textarea').dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }),
  );
  await drawn();
  expect(find('.panel')).toBeNull();
  expect(root.activeElement).toBe(find('.launch'));
});

test.each([
  [true, undefined, [en.here, false]],
  [true, { open: true }, [en.here, false]],
  [true, { open: false }, [en.away, true]],
  [true, { open: false, next: '2020-11-20T09:00:00.000Z' }, [en.here, false]],
  [false, { open: true }, [en.away, true]],
])('somebody has the inbox open: %s, the office: %j', async (present, hours, expected) => {
  const { find } = await stage((state) => {
    opened(state);
    state.present.value = present;
    state.look.value = { ...(hours && { hours }) };
  });
  expect([find('header p').textContent, find('.hello').textContent?.endsWith(en.leave)]).toEqual(
    expected,
  );
});

test('Enter sends; Shift+Enter and a composing key do not', async () => {
  const { find, asked: all, drawn } = await stage(opened);
  const box = find<HTMLTextAreaElement>('.write textarea');
  box.value = 'Hello';
  box.dispatchEvent(new Event('input'));
  for (const more of [{ shiftKey: true }, { isComposing: true }, { keyCode: 229 }])
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...more }));
  expect(asked(all, 'send')).toEqual([]);
  box.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }),
  );
  expect(asked(all, 'send')).toEqual([['send', 'Hello']]);
  await drawn();
  expect(box.value).toBe('');
});

test('markup is text, and addresses are links that give nothing away', async () => {
  const evil = '<img src=x onerror=alert(1)> javascript:alert(1) https://example.com/ \u200f\u202e';
  const { find } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', evil, { by: 'user', author: '<b>Eve</b>' })];
  });
  expect(find('.text').textContent).toBe(evil);
  expect(find('.text').children).toHaveLength(1);
  expect(find('.text a').getAttribute('rel')).toBe('noopener noreferrer');
  expect(find('.who').textContent).toBe('<b>Eve</b>');
});

test('a message shows what became of it', async () => {
  const {
    all,
    state,
    asked: calls,
    drawn,
    find,
  } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', 'one', { state: 'sending' })];
  });
  const states: (string | null)[] = [find('.meta span').textContent];
  for (const more of [
    { state: 'sent' },
    { state: 'sent', seen: true },
    { state: 'failed', problem: 'too_long' },
  ] as const) {
    state.messages.value = [said('1', 'one', more)];
    await drawn();
    states.push(find('.meta span').textContent);
    // Of all that becomes of it, only this is read out.
    expect(!!find('.meta [role=alert]')).toBe(more.state === 'failed');
  }
  expect(states).toEqual(['Sending…', 'Sent', 'Seen', 'Not sent']);
  expect(find('.row').dataset).toMatchObject({ key: '1', by: 'contact', state: 'failed' });
  for (const button of all('.meta button')) button.click();
  expect(calls.filter(([name]) => name !== 'saw')).toEqual([
    ['retry', '1'],
    ['discard', '1'],
  ]);
});

test('only what is new of the team is read out', async () => {
  const { all, state, drawn } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', 'old', { by: 'user', at: '2026-11-20T10:00:00.000Z' })];
  });
  state.messages.value = [
    said('0', 'older', { by: 'user', at: '2026-11-20T09:00:00.000Z' }),
    ...state.messages.value,
    said('2', 'own', { at: '2026-11-20T10:01:00.000Z' }),
    said('3', 'new', { by: 'user', at: '2026-11-20T10:02:00.000Z' }),
  ];
  await drawn();
  expect(all('.row').map((row) => [row.dataset.key, row.getAttribute('aria-live')])).toEqual([
    ['0', 'off'],
    ['1', 'off'],
    ['2', 'off'],
    ['3', null],
  ]);
});

test('files: pictures are shown, others are named, and strange addresses are none', async () => {
  const file = (url: string | null, mime_type: string) => ({
    kind: 'document',
    file: { url, mime_type, name: 'f', size: 2_000_000 },
  });
  const { all, drawn } = await stage((state) => {
    opened(state);
    state.messages.value = [
      said('1', '', {
        by: 'user',
        parts: [
          file('/widget/v1/files/p', 'image/png'),
          file('https://chat.example/d', 'application/pdf'),
          file(null, 'application/pdf'),
          file('javascript:alert(1)', 'image/png'),
          { kind: 'hologram' },
        ],
      }),
    ];
  });
  await drawn('.file');
  expect(
    all('.file').map((each) => [
      each.tagName,
      each.getAttribute('href'),
      !!each.querySelector('img'),
    ]),
  ).toEqual([
    ['A', 'https://chat.example/widget/v1/files/p', true],
    ['A', 'https://chat.example/d', false],
    ['DIV', null, false],
    ['DIV', null, false],
  ]);
  expect(texts(all('.note'))).toEqual(['This message cannot be shown here']);
});

test('of each conversation the last of the team counts as seen, once', async () => {
  const {
    asked: calls,
    state,
    drawn,
  } = await stage((state) => {
    opened(state);
    state.messages.value = [
      said('1', 'early', { by: 'user', conversation: 'c1', seq: 1 }),
      said('2', 'news', { by: 'user', conversation: 'c1', seq: 2 }),
      said('3', 'newer thread', { by: 'user', conversation: 'c2', seq: 7 }),
    ];
  });
  state.typing.value = {};
  await drawn();
  expect(asked(calls, 'saw').map(([, message]) => (message as Message).key)).toEqual(['2', '3']);
});

const asking = (state: State) => {
  opened(state);
  state.look.value = {
    form: [{ name: 'name', required: true }, { name: 'email', required: true }, { name: 'phone' }],
  };
};

test('the form asks before the first message, and only then', async () => {
  for (const known of [
    (state: State) => {
      state.lead.value = {};
    },
    (state: State) => {
      state.visitor.value = { id: 'v', user_id: 'u' };
    },
    (state: State) => {
      state.messages.value = [said('1', 'x')];
    },
  ]) {
    const { find, state, drawn } = await stage(asking);
    await drawn('.ask');
    expect([!!find('.ask'), !!find('.write')]).toEqual([true, false]);
    known(state);
    await drawn();
    expect([!!find('.ask'), !!find('.write')]).toEqual([false, true]);
  }
});

test('the form says what is wrong, by the field, and begins there', async () => {
  const { find, all, root, asked: calls, drawn } = await stage(asking);
  await drawn('.ask');
  const fill = async (values: Record<string, string>) => {
    for (const [name, value] of Object.entries(values))
      find<HTMLInputElement>(`[name=${name}]`).value = value;
    find('.ask').dispatchEvent(new Event('submit', { cancelable: true }));
    await drawn();
  };
  await fill({ name: '  ', email: 'nobody' });
  expect(texts(all('.bad'))).toEqual([en.needed, en.badEmail]);
  expect(find('[name=name]').getAttribute('aria-invalid')).toBe('true');
  expect(find(`#${find('[name=name]').getAttribute('aria-describedby')}`).textContent).toBe(
    en.needed,
  );
  expect(root.activeElement).toBe(find('[name=name]'));
  await fill({ name: ' Mira ', email: 'mira@example.com' });
  expect(asked(calls, 'introduce')).toEqual([
    ['introduce', { name: 'Mira', email: 'mira@example.com' }],
  ]);
});

test('stars are asked for when the conversation is closed', async () => {
  const {
    find,
    all,
    asked: calls,
    state,
    drawn,
  } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', 'x')];
    state.threads.value = [{ id: 'c1', open: false, last: 1, seen: 1, at: '', ask: true }];
  });
  await drawn('.rating');
  expect(
    all('[data-score]')
      .map((star) => star.getAttribute('aria-label'))
      .at(-1),
  ).toBe('5 of 5 stars');
  const star = find<HTMLInputElement>('[data-score="4"]');
  star.checked = true;
  star.dispatchEvent(new Event('change'));
  await drawn();
  find<HTMLTextAreaElement>('.rating textarea').value = ' Well done ';
  find('.rating').dispatchEvent(new Event('submit', { cancelable: true }));
  expect(asked(calls, 'rate')).toEqual([['rate', 'c1', 4, 'Well done']]);
  state.threads.value = [
    { id: 'c1', open: false, last: 1, seen: 1, at: '', ask: false, rating: 4 },
  ];
  await drawn();
  expect(find('legend').textContent).toBe(en.thanks);
});

test('offline it says so, with how much is waiting', async () => {
  const { find } = await stage((state) => {
    opened(state);
    state.link.value = 'offline';
    state.messages.value = [
      said('1', 'x', { state: 'sending' }),
      said('2', 'y', { state: 'sending' }),
    ];
  });
  expect(find('[role=status]').textContent).toBe('You are offline · Waiting to be sent: 2');
});

test('closed to this visitor there is nothing to write into', async () => {
  const { find } = await stage((state) => {
    opened(state);
    state.unavailable.value = 'whatever';
  });
  expect([find('.closed').textContent, !!find('textarea')]).toEqual([en.unavailable, false]);
});

test('the language turns the panel, not the text of others', async () => {
  const { find } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', 'Hello', { by: 'user' })];
  }, 'ar-EG');
  expect(find('.all').dir).toBe('rtl');
  expect(find('.text').dir).toBe('auto');
  expect(find('.launch').getAttribute('aria-label')).toBe(ar.close);
});

test('nothing of it needs a looser policy: no style, no inline script', async () => {
  const { root } = await stage((state) => {
    opened(state);
    state.messages.value = [said('1', 'x')];
  });
  expect(root.querySelector('style, script, [style], [onclick]')).toBeNull();
  expect(root.adoptedStyleSheets).toHaveLength(1);
});
