import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../src/kafka/errors.ts';
import { FencedStorageError } from '../../src/runtime/storage/state-backend.ts';
import { setUp } from './task-committer-scene.ts';

describe('a commit', () => {
  test.each([
    ['alos', 'fenced 0_0'],
    ['eos', 'take back: FencedStorageError'],
    ['eos of a zombie', 'acknowledged'],
  ])('a task whose state has another owner was never stored again: %s, %s', async (guarantee, expected) => {
    const { committer, active, processed, acknowledge, events, errors } = setUp({ guarantee });
    processed(1);
    active.task.durability.commit = () => Promise.reject(new FencedStorageError('0_0'));
    const commit = committer.commit([active]);
    acknowledge();
    await commit;
    expect([events.at(-1), errors]).toEqual([expected, []]);
    expect(events).not.toContain('commit beats/0@1');
  });

  test('a commit that Kafka could not take for the task timeout ends the application with the reason; what a rebalance refuses does not', async () => {
    const { committer, active, processed, acknowledge, failCommits, errors } = setUp({ timeoutMs: 1 });
    const commit = async (): Promise<void> => {
      processed(1);
      const done = committer.commit([active]);
      acknowledge();
      await done;
    };
    failCommits(new BrokerError('no member', { reason: 'UNKNOWN_MEMBER_ID', recovery: 'rejoin' }));
    await commit();
    expect(errors).toEqual([]);
    failCommits(new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }));
    for (let tries = 0; tries < 1_000 && errors.length === 0; tries++) await commit();
    expect(errors).toMatchObject([{ code: 'STREAMS_TIMEOUT', message: 'no commit within taskTimeoutMs (1): away' }]);
  });

  test('a commit that is tried again within the task timeout goes on', async () => {
    const { committer, active, processed, acknowledge, failCommits, errors, events } = setUp();
    failCommits(new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }));
    for (const error of [new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }), undefined]) {
      failCommits(error);
      processed(1);
      const done = committer.commit([active]);
      acknowledge();
      await done;
    }
    expect([errors, active.commitNeeded, events.at(-1)]).toEqual([[], false, 'commit beats/0@1']);
  });

  test('that failed is owed and comes again', async () => {
    const { committer, active, events, counters, acknowledge, processed, failCommits } = setUp();
    failCommits(new Error('coordinator away'));
    processed(5);
    const first = committer.commit([active]);
    acknowledge();
    await first;
    expect([counters.commitFailures, counters.commit.count, active.commitNeeded]).toEqual([1, 0, true]);
    failCommits(undefined);
    const second = committer.commit([active]);
    acknowledge();
    await second;
    expect(events.filter((event) => event.startsWith('commit'))).toEqual(['commit beats/0@5', 'commit beats/0@5']);
    expect(active.commitNeeded).toBe(false);
  });

  test('commits no offset when its output was not acknowledged in time', async () => {
    const { committer, active, events, purged, counters, processed, refuseOutput } = setUp();
    processed(5);
    const committed = committer.commit([active]);
    refuseOutput(new Error('DELIVERY_TIMED_OUT'));
    await committed;
    expect([events, purged]).toEqual([['flush stores', 'flush producer'], []]);
    expect([counters.commitFailures, active.commitNeeded, active.committing]).toEqual([1, true, false]);
  });

  test('a store that cannot be flushed commits nothing and is reported', async () => {
    const { committer, active, fake, events, errors, processed } = setUp();
    processed(5);
    fake.prepareCommit = () => {
      throw new Error('disk full');
    };
    await committer.commit([active]);
    expect(events).toEqual([]);
    expect(errors).toEqual([new Error('disk full')]);
  });

  test('what a store lost when it could not be flushed is not passed over by a later commit', async () => {
    const { committer, active, fake, events, errors, processed } = setUp();
    processed(5);
    const { prepareCommit } = fake;
    fake.prepareCommit = () => {
      fake.prepareCommit = prepareCommit;
      throw new Error('disk full');
    };
    await committer.commit([active]);
    committer.commitWhenDue([active]);
    await committer.commit([active]);
    expect([events, errors]).toEqual([[], [new Error('disk full')]]);
  });
});
