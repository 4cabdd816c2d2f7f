import { expect, test } from '@jest/globals';
import { ReadBuffers } from '../../src/storage/read-buffers.ts';

const LENGTH = 100_000;

test('a buffer that was given back is lent again, by its size rounded up', () => {
  const buffers = new ReadBuffers();
  const first = buffers.take(LENGTH);
  expect(first).toHaveLength(LENGTH);
  buffers.giveBack(first.subarray(10, 20));
  const second = buffers.take(LENGTH + 1);
  expect(second).toHaveLength(LENGTH + 1);
  expect(second.buffer).toBe(first.buffer);
});

test('a buffer is lent to one at a time, also when it was given back twice', () => {
  const buffers = new ReadBuffers();
  const first = buffers.take(LENGTH);
  expect(buffers.take(LENGTH).buffer).not.toBe(first.buffer);
  buffers.giveBack(first);
  buffers.giveBack(first);
  expect(buffers.take(LENGTH).buffer).toBe(first.buffer);
  expect(buffers.take(LENGTH).buffer).not.toBe(first.buffer);
});

test('buffers of others, small ones and very large ones are left to the collector', () => {
  const buffers = new ReadBuffers();
  const strange = Buffer.alloc(131_072);
  buffers.giveBack(strange);
  expect(buffers.take(131_072).buffer).not.toBe(strange.buffer);
  for (const length of [0, 100, 5_000_000]) {
    const buffer = buffers.take(length);
    expect(buffer).toHaveLength(length);
    buffers.giveBack(buffer);
    expect(buffers.take(length).buffer).not.toBe(buffer.buffer);
  }
});

test('no more is kept than sixteen megabytes', () => {
  const buffers = new ReadBuffers();
  const taken = Array.from({ length: 20 }, () => buffers.take(2 ** 20));
  for (const buffer of taken) buffers.giveBack(buffer);
  const memory = new Set(taken.map((buffer) => buffer.buffer));
  const again = Array.from({ length: 20 }, () => buffers.take(2 ** 20));
  expect(again.filter((buffer) => memory.has(buffer.buffer))).toHaveLength(16);
});
