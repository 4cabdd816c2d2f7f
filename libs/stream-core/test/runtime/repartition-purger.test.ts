import { describe, expect, test } from '@jest/globals';
import { RepartitionPurger } from '../../src/runtime/repartition-purger.ts';
import { silent } from './runtime-fakes.ts';

const commit = (topic: string, offset: number) => ({ topic, partition: 0, offset });

function setUp(intervalMs: number, fails = false) {
  const deleted: string[] = [];
  const purger = new RepartitionPurger({
    topics: new Set(['app-r-repartition']),
    intervalMs,
    deleteRecords: (before) => {
      deleted.push(before.map(({ topic, offset }) => `${topic}<${offset}`).join(' '));
      return fails ? Promise.reject(new Error('not now')) : Promise.resolve();
    },
    logger: silent,
  });
  return { purger, deleted };
}

const settled = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('purging repartition topics', () => {
  test('deletes what was committed of them, and of no other topic', async () => {
    const { purger, deleted } = setUp(0);
    purger.onCommitted([commit('app-r-repartition', 5), commit('beats', 9)]);
    await settled();
    purger.onCommitted([commit('beats', 12)]);
    expect(deleted).toEqual(['app-r-repartition<5']);
  });

  test('waits for its interval and then deletes up to the last commit', () => {
    const { purger, deleted } = setUp(3_600_000);
    purger.onCommitted([commit('app-r-repartition', 5)]);
    expect(deleted).toEqual([]);
  });

  test('one at a time, and a failure is made up for by the next', async () => {
    const { purger, deleted } = setUp(0, true);
    purger.onCommitted([commit('app-r-repartition', 5)]);
    purger.onCommitted([commit('app-r-repartition', 6)]);
    expect(deleted).toEqual(['app-r-repartition<5']);
    await settled();
    purger.onCommitted([commit('app-r-repartition', 7)]);
    expect(deleted).toEqual(['app-r-repartition<5', 'app-r-repartition<7']);
  });
});
