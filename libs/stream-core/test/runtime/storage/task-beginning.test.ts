import { expect, test } from '@jest/globals';
import type { OffsetAndMetadata } from '../../../src/kafka/types.ts';
import { encodeOffsetMetadata } from '../../../src/runtime/task/offset-metadata.ts';
import type { Found } from '../../../src/runtime/storage/task-beginning.ts';
import { beginTask, decideBeginning, MAX_TAIL_AGE_MS } from '../../../src/runtime/storage/task-beginning.ts';
import type { TaskStorage } from '../../../src/runtime/storage/state-backend.ts';

const metadata = (marker?: string): string =>
  encodeOffsetMetadata({ partitionTimeMs: 1, closedUpTo: new Map(), marker });
const group = (offset: number, marker?: string): OffsetAndMetadata => ({ offset, metadata: metadata(marker) });

/** A state at offset 10 of its input and 100 of its changelog, in the life `mine`. */
const FOUND: Found = {
  checkpoint: {
    inputs: [{ topic: 'in', partition: 0, offset: 10, metadata: metadata('mine') }],
    changelogs: { counts: 100 },
    marker: 'mine',
    follows: { in: '5/before' },
    atMs: 1_000,
  },
  guarantee: 'at_least_once',
  committed: [group(8, 'mine')],
  inputs: [{ topic: 'in', partition: 0, start: 0, end: 50 }],
  changelogs: new Map([['counts', { start: 0, end: 120 }]]),
  nowMs: 2_000,
};
const checkpoint = FOUND.checkpoint as NonNullable<Found['checkpoint']>;

test.each<{ found: string; but: Partial<Found>; state: string; offset: number | undefined; tail?: number }>([
  { found: 'no checkpoint', but: { checkpoint: undefined }, state: 'changelog', offset: 8 },
  {
    found: 'a changelog that ends before the state',
    but: { changelogs: new Map([['counts', { start: 0, end: 99 }]]) },
    state: 'changelog',
    offset: 8,
  },
  {
    found: 'a changelog that begins behind the state',
    but: { changelogs: new Map([['counts', { start: 101, end: 120 }]]) },
    state: 'changelog',
    offset: 8,
  },
  {
    found: 'a store that the state does not know',
    but: { changelogs: new Map([['sums', { start: 0, end: 0 }]]) },
    state: 'changelog',
    offset: 8,
  },
  {
    found: 'a state of before a reset, within the changelogs that were made since',
    but: { incarnation: 'after the reset' },
    state: 'changelog',
    offset: 8,
  },
  {
    found: 'windows that were laid out for another retention, so that rows were looked for where they are not',
    but: { checkpoint: { ...checkpoint, retentions: { counts: 60_000 } }, retentions: { counts: 90_000 } },
    state: 'changelog',
    offset: 8,
  },
  { found: 'windows of an earlier version', but: { retentions: { counts: 90_000 } }, state: 'state', offset: 10 },
  {
    found: 'windows of the same retention',
    but: { checkpoint: { ...checkpoint, retentions: { counts: 90_000 } }, retentions: { counts: 90_000 } },
    state: 'state',
    offset: 10,
  },
  { found: 'exactly_once', but: { guarantee: 'exactly_once' }, state: 'state-and-tail', offset: 8, tail: 100 },
  { found: 'the marker of its own life', but: {}, state: 'state', offset: 10 },
  {
    found: 'no offsets of the group: the first commit did not get there',
    but: { committed: [undefined] },
    state: 'state',
    offset: 10,
  },
  {
    found: 'what the group had when this life began: no commit of it has got there',
    but: { committed: [group(5, 'before')] },
    state: 'state',
    offset: 10,
  },
  {
    found: 'the marker from before this life, with a later offset',
    but: { committed: [group(6, 'before')] },
    state: 'state-and-tail',
    offset: 6,
    tail: 100,
  },
  {
    found: 'a changelog offset that is not known, in its own life',
    but: { checkpoint: { ...checkpoint, changelogs: { counts: -1 } } },
    state: 'state',
    offset: 10,
  },
  {
    found: 'a changelog offset that is not known, and another marker',
    but: { checkpoint: { ...checkpoint, changelogs: { counts: -1 } }, committed: [group(8, 'other')] },
    state: 'changelog',
    offset: 8,
  },
  { found: 'another marker', but: { committed: [group(8, 'other')] }, state: 'state-and-tail', offset: 8, tail: 100 },
  { found: 'no marker', but: { committed: [group(8)] }, state: 'state-and-tail', offset: 8, tail: 100 },
  {
    found: 'an input that ends before the state’s offset',
    but: { inputs: [{ topic: 'in', partition: 0, start: 0, end: 9 }] },
    state: 'state-and-tail',
    offset: 8,
    tail: 100,
  },
  {
    found: 'a state that was still being restored',
    but: { checkpoint: { ...checkpoint, inputs: [], marker: '' }, committed: [undefined] },
    state: 'state-and-tail',
    offset: undefined,
    tail: 100,
  },
  {
    found: 'another marker, and a state so old that deletes may be gone from the changelog',
    but: { committed: [group(8, 'other')], nowMs: 1_001 + MAX_TAIL_AGE_MS },
    state: 'changelog',
    offset: 8,
  },
  {
    found: 'the marker of its own life, however old',
    but: { nowMs: 1_001 + MAX_TAIL_AGE_MS },
    state: 'state',
    offset: 10,
  },
])('$found: begins with the $state at $offset', ({ but, state, offset, tail }) => {
  const beginning = decideBeginning({ ...FOUND, ...but });
  expect([beginning.state, beginning.offsets[0]?.offset, beginning.tail?.get('counts')]).toEqual([state, offset, tail]);
  expect(beginning.marker).toBe(state === 'state' ? 'mine' : undefined);
});

test('a task whose sources are not in the order of their names began each input at the offset of another', async () => {
  const inputs = ['beats', 'profiles', 'stops'].map((topic) => ({ topic, partition: 0 }));
  const stored = [900, 150, 110].map((offset, index) => ({ ...inputs[index]!, offset, metadata: metadata('mine') }));
  const storage = {
    isDurable: true,
    ready: () => Promise.resolve({ ...checkpoint, inputs: stored, changelogs: {} }),
  } as Partial<TaskStorage>;
  // As the graph has them: beats, stops, profiles.
  const task = {
    inputs: [inputs[0], inputs[2], inputs[1]],
    changelogs: [],
    durability: { storage, incarnation: undefined, marker: '' },
  } as unknown as Parameters<typeof beginTask>[0];
  const ends = new Map([
    ['beats', 1_000],
    ['profiles', 160],
    ['stops', 120],
  ]);
  const { state, offsets } = await beginTask(
    task,
    { inputs, committed: stored.map(({ offset }) => group(offset, 'mine')) },
    {
      client: {
        listOffsets: (partitions, at) =>
          Promise.resolve(
            partitions.map((place) => ({
              ...place,
              offset: at === 'earliest' ? 0 : (ends.get(place.topic) ?? 0),
              timestamp: -1,
            })),
          ),
      },
      guarantee: 'at_least_once',
      clock: () => 2_000,
    },
  );
  expect(state).toBe('state');
  expect(offsets.map((found) => found?.offset)).toEqual([900, 150, 110]);
});
