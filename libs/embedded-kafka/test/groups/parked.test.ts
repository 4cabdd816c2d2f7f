import { expect, test } from '@jest/globals';
import { Parked } from '../../src/groups/parked.ts';

test('an answer that is there already is given now, and the first one counts', () => {
  const parked = new Parked<string>(new AbortController().signal);
  parked.answer('first');
  parked.answer('second');
  expect(parked.result(() => {})).toBe('first');
});

test('an answer that comes later resolves the promise, and the connection’s end no longer matters', async () => {
  const connection = new AbortController();
  const parked = new Parked<string>(connection.signal);
  let gone = false;
  const result = parked.result(() => (gone = true));
  parked.answer('later');
  connection.abort();
  expect([await result, gone]).toEqual(['later', false]);
});

test('the end of the connection is told, also when it came before the request was parked', async () => {
  for (const isEarly of [true, false]) {
    const connection = new AbortController();
    if (isEarly) connection.abort();
    const parked = new Parked<string>(connection.signal);
    const result = parked.result(() => parked.answer('gone'));
    connection.abort();
    expect(await result).toBe('gone');
  }
});
