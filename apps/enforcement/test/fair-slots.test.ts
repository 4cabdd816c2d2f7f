import { beforeEach, describe, expect, it } from '@jest/globals';
import { FairSlots } from '../src/fair-slots.ts';

describe('FairSlots', () => {
  let slots: FairSlots;
  /** What was started, in order, and how it ends. */
  let started: { readonly target: string; readonly end: () => void }[];

  const enter = (target: string, times = 1) => {
    for (let time = 0; time < times; time++) {
      slots.enter(target, () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        started.push({ target, end: resolve });
        return promise;
      });
    }
  };
  const end = async (at: number) => {
    started[at]?.end();
    await new Promise(setImmediate);
  };
  const targets = () => started.map(({ target }) => target).join('');

  beforeEach(() => {
    slots = new FairSlots(4);
    started = [];
  });

  it('gives one target all slots while nobody else wants them, then each its share', async () => {
    enter('a', 9);
    expect(targets()).toBe('aaaa');
    enter('b', 9);
    for (const at of [0, 1, 2]) await end(at);
    expect(targets()).toBe('aaaabba');
  });

  it('goes round where more targets wait than there are slots', async () => {
    slots = new FairSlots(2);
    for (const target of ['a', 'b', 'c', 'd']) enter(target, 3);
    for (let at = 0; at < 10; at++) await end(at);
    expect(targets()).toBe('aabacdbcdbcd');
  });

  it('takes no slot for what nobody wants any more', async () => {
    enter('a', 4);
    slots.enter('a', () => undefined);
    enter('a');
    await end(0);
    expect(targets()).toBe('aaaaa');
  });
});
