/** The disk, when the browser takes it away. */

import { beforeEach, expect, test, vi } from 'vitest';
import { newBrowser } from '../test/browser.js';
import { Gateway } from '../test/gateway.js';
import { openDisk, type Row } from './disk.js';

beforeEach(() => newBrowser(new Gateway()));

const row: Row = { id: 'a', era: 'e', body: { t: 'message', text: 'Hi' }, files: [], at: '' };

test('a word is committed at once, not when the page hears that it was added', async () => {
  const disk = await openDisk('a', true);
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  const added = disk.add(row);
  expect(commit).toHaveBeenCalledOnce();
  await added;
  expect(await disk.rows()).toEqual([{ ...row, n: 1 }]);
});

test('a disk that is closed by the browser is opened again', async () => {
  const disk = await openDisk('a', true);
  const opened = vi.spyOn(IDBDatabase.prototype, 'transaction');
  await disk.add(row);
  const database = opened.mock.contexts[0] as IDBDatabase;
  database.close();
  await expect(disk.rows()).rejects.toThrow();
  database.onclose?.(new Event('close'));
  await vi.waitFor(async () => expect(await disk.rows()).toHaveLength(1));
});
