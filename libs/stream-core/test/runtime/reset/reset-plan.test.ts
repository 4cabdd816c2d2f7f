import { expect, test } from '@jest/globals';
import type { GroupOffset } from '../../../src/kafka/group-admin.ts';
import { planReset, type PlanTools, type ResetRequest } from '../../../src/runtime/reset/reset-plan.ts';
import type { TopologyRecord } from '../../../src/runtime/topology-check/topology-shape.ts';

const NOW = 1_000_000;
const record: TopologyRecord = {
  incarnation: 'i',
  shape: {
    version: 1,
    subtopologies: [
      { id: 0, sources: ['beats'], tasks: 2 },
      { id: 1, sources: ['app-by-title-repartition'], tasks: 2 },
    ],
    stores: [],
    topics: [
      { name: 'app-by-title-repartition', kind: 'repartition', partitions: 2 },
      { name: 'app-counts-changelog', kind: 'changelog', partitions: 2 },
    ],
  },
};
const committed = (topic: string, partition: number, offset: number): GroupOffset => ({ topic, partition, offset });

/** A cluster whose records of partition p lie at offsets 10p to 10p + 10, one a second from 990,000 on. */
function tools(overrides: Partial<PlanTools['group']> & { record?: TopologyRecord | undefined } = {}): PlanTools {
  const present = new Map([
    ['beats', 2],
    ['plays', 1],
    ['app-by-title-repartition', 2],
    ['app-counts-changelog', 2],
    ['app-topology', 1],
    ['app-two-counts-changelog', 2],
  ]);
  return {
    client: {
      partitionsOf: () => Promise.resolve(present),
      partitionsOfAll: () => Promise.resolve(present),
      listOffsets: (places, at) =>
        Promise.resolve(
          places.map((place) => {
            const start = place.partition * 10;
            const byTime = typeof at === 'number' ? Math.ceil((at - 990_000) / 1_000) : 0;
            const offset = at === 'latest' ? start + 10 : byTime >= 10 ? -1 : start + Math.max(0, byTime);
            return { ...place, offset, timestamp: -1 };
          }),
        ),
    },
    group: {
      members: overrides.members ?? (() => Promise.resolve([])),
      offsets:
        overrides.offsets ??
        (() => Promise.resolve([committed('beats', 0, 7), committed('app-by-title-repartition', 1, 4)])),
    },
    log: { read: () => Promise.resolve('record' in overrides ? overrides.record : record) },
    now: () => NOW,
  };
}
const plan = (request: Partial<ResetRequest> = {}, with_: PlanTools = tools()) =>
  planReset({ applicationId: 'app', to: 'earliest', ...request }, with_);

test('a plan has the inputs, what is forgotten and deleted, and leaves alone what only looks like the application’s', async () => {
  expect(await plan()).toEqual({
    applicationId: 'app',
    offsets: [
      { topic: 'beats', partition: 0, from: 7, to: 0 },
      { topic: 'beats', partition: 1, from: undefined, to: 10 },
    ],
    forgotten: [{ topic: 'app-by-title-repartition', partition: 1 }],
    deletedTopics: ['app-by-title-repartition', 'app-counts-changelog', 'app-topology'],
    unclaimedTopics: ['app-two-counts-changelog'],
  });
});

test.each<[string, ResetRequest['to'], number[]]>([
  ['earliest', 'earliest', [0, 10]],
  ['latest', 'latest', [10, 20]],
  ['a time', { atMs: 993_000 }, [3, 13]],
  ['so long ago', { agoMs: 6_000 }, [4, 14]],
  ['longer ago than time itself', { agoMs: 10 * NOW }, [0, 10]],
  ['a time after the last record, which is the end', { atMs: 2_000_000 }, [10, 20]],
])('the inputs begin at %s', async (_what, to, offsets) => {
  expect((await plan({ to })).offsets.map((each) => each.to)).toEqual(offsets);
});

test('an application that left no record is reset by its offsets and by the topics that are named', async () => {
  const found = await plan(
    { inputTopics: ['plays'], internalTopics: ['app-counts-changelog'] },
    tools({ record: undefined }),
  );
  expect(found.offsets.map(({ topic }) => topic)).toEqual(['beats', 'beats', 'plays']);
  expect(found.deletedTopics).toEqual(['app-counts-changelog']);
  expect(found.unclaimedTopics).toEqual(['app-by-title-repartition', 'app-two-counts-changelog']);
});

test.each<[string, Partial<ResetRequest>, PlanTools, RegExp]>([
  [
    'an application with members, by name',
    {},
    tools({ members: () => Promise.resolve([{ memberId: 'm-1', clientId: 'guard', host: '/127.0.0.1' }]) }),
    /app has 1 active members: guard at \/127.0.0.1 \(m-1\)\. Stop every instance first/,
  ],
  [
    'an application that nobody has heard of',
    { applicationId: 'other' },
    tools({ record: undefined, offsets: () => Promise.resolve([]) }),
    /nothing is known of an application other: .* no topic other-topology/,
  ],
  ['topics that do not exist', { inputTopics: ['beat'], internalTopics: ['x'] }, tools(), /do not exist: beat, x/],
])('%s is refused', async (_what, request, with_, message) => {
  await expect(plan(request, with_)).rejects.toThrow(message);
});
