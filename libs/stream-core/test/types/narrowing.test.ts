/** What the compiler knows after a filter, a branch and a merge. It checks this file: each `@ts-expect-error` fails the build when the line below it compiles. */
import { expect, test } from '@jest/globals';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { KStream } from '@playhead/stream-core';

const states = (): KStream<string, string> =>
  new StreamsBuilder().stream({ name: 'states', key: serdes.string, value: serdes.string });
const changes = (): KStream<string, number | null> => states().groupByKey().count().toStream();

test('a filter that rejects null leaves values only', () => {
  // @ts-expect-error a delete is null
  changes().mapValues((count) => count + 1);
  const counts: KStream<string, number> = changes().filter((count) => count !== null);
  const all: KStream<string, number | null> = changes().filter((_count, session) => session.startsWith('demo/'));
  const few = changes().filterNot((count) => count === null || count > 10);
  // @ts-expect-error what is rejected says nothing of the rest
  few.mapValues((count) => count + 1);
  expect([counts, all].map(({ handle }) => handle.needsRepartition)).toEqual([false, false]);
});

test('a branch that rejects null has values only, the default branch may have null', () => {
  const split = changes().split();
  const counts: KStream<string, number> = split.branch((count) => count !== null);
  // @ts-expect-error what no branch took may be null
  split.defaultBranch().mapValues((count) => count + 1);
  expect(counts.handle.name).toMatch(/1$/);
});

test('a filter for one value keeps the type, so that its serde still fits', () => {
  const playing: KStream<string, string> = states().filter((state) => state === 'PLAYING');
  expect(() => playing.groupByKey({ value: serdes.string }).count()).not.toThrow();
});

test('a merged stream is of either type', () => {
  const lengths = states().mapValues((state) => state.length);
  const optional = states().selectKey((state): string | null => (state === '' ? null : state));
  const merged: KStream<string | null, number | string> = lengths.merge(optional);
  const same: KStream<string, string> = states().merge(states());
  // @ts-expect-error some are numbers
  merged.mapValues((value) => value.length);
  expect([merged, same].map(({ handle }) => handle.needsRepartition)).toEqual([true, false]);
});
