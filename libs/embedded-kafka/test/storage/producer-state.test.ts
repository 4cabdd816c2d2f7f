import { describe, expect, test } from '@jest/globals';
import { advanceSequence, ProducerState } from '../../src/storage/producer-state.ts';

const PRODUCER = 7;

/** A state that has seen batches of `size` records from sequence 0 on, in epoch 0; offsets count up from 100. */
function after(batches: number, size = 1): ProducerState {
  const state = new ProducerState(10);
  for (let i = 0; i < batches; i++) {
    const batch = {
      baseSequence: i * size,
      lastSequence: (i + 1) * size - 1,
      baseOffset: 100 + i * size,
      timestampMs: 0,
    };
    state.record(PRODUCER, 0, batch, 1000);
  }
  return state;
}

describe('ProducerState', () => {
  test.each([
    ['an unknown producer may start anywhere', after(0), 0, 42, 42, 'append'],
    ['the next sequence is appended', after(3), 0, 3, 3, 'append'],
    ['the last batch again is a duplicate', after(3), 0, 2, 2, 'duplicate'],
    ['the fifth batch from the end is a duplicate', after(8), 0, 3, 3, 'duplicate'],
    ['the sixth batch from the end is out of order', after(8), 0, 2, 2, 'out-of-order'],
    ['a gap is out of order', after(3), 0, 4, 4, 'out-of-order'],
    ['a retry with other bounds is no duplicate', after(2, 10), 0, 10, 15, 'out-of-order'],
    ['a new epoch starts with 0', after(3), 1, 0, 0, 'append'],
    ['a new epoch must not start elsewhere', after(3), 1, 3, 3, 'out-of-order'],
  ])('%s', (_, state, epoch, baseSequence, lastSequence, kind) => {
    expect(state.check(PRODUCER, epoch, baseSequence, lastSequence).kind).toBe(kind);
  });

  test('a duplicate is answered with the offset of the first append', () => {
    expect(after(3).check(PRODUCER, 0, 1, 1)).toMatchObject({ batch: { baseOffset: 101 } });
  });

  test('an older epoch is stale, whatever its sequence', () => {
    const state = after(1);
    state.record(PRODUCER, 4, { baseSequence: 0, lastSequence: 0, baseOffset: 101, timestampMs: 0 }, 1000);
    expect(state.check(PRODUCER, 3, 1, 1)).toEqual({ kind: 'stale-epoch', currentEpoch: 4 });
  });

  test('a new epoch forgets the batches of the old one', () => {
    const state = after(3);
    state.record(PRODUCER, 1, { baseSequence: 0, lastSequence: 0, baseOffset: 103, timestampMs: 0 }, 1000);
    expect(state.check(PRODUCER, 1, 2, 2).kind).toBe('out-of-order');
  });

  test('sequences go on with 0 after 2^31 - 1', () => {
    const state = new ProducerState(10);
    state.record(
      PRODUCER,
      0,
      { baseSequence: 0x7fff_fffe, lastSequence: 0x7fff_ffff, baseOffset: 0, timestampMs: 0 },
      0,
    );
    expect(advanceSequence(0x7fff_fffe, 1)).toBe(0x7fff_ffff);
    expect(advanceSequence(0x7fff_fffe, 3)).toBe(1);
    expect(state.check(PRODUCER, 0, 0, 0).kind).toBe('append');
  });

  test('beyond its bound the producer that wrote longest ago is forgotten', () => {
    const state = new ProducerState(2);
    const batch = { baseSequence: 0, lastSequence: 0, baseOffset: 0, timestampMs: 0 };
    for (const producer of [1, 2, 1, 3]) state.record(producer, 0, batch, 0);
    expect(state.size).toBe(2);
    expect(state.check(1, 0, 0, 0).kind).toBe('duplicate');
    expect(state.check(2, 0, 0, 0).kind).toBe('append');
  });

  test('a producer that was silent for long is forgotten and may start again', () => {
    const state = after(3);
    state.expire(1000);
    expect(state.check(PRODUCER, 0, 2, 2).kind).toBe('duplicate');
    state.expire(1001);
    expect(state.size).toBe(0);
  });

  test('a snapshot restores what retries are recognised by', () => {
    const restored = new ProducerState(10);
    restored.restore(JSON.parse(JSON.stringify(after(8).snapshot())) as ReturnType<ProducerState['snapshot']>);
    expect(restored.check(PRODUCER, 0, 7, 7)).toMatchObject({ kind: 'duplicate', batch: { baseOffset: 107 } });
    expect(restored.check(PRODUCER, 0, 8, 8).kind).toBe('append');
  });
});
