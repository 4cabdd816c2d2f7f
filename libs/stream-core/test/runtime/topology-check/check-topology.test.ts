import { describe, expect, test } from '@jest/globals';
import { checkTopology, type TopologyChanges } from '../../../src/runtime/topology-check/check-topology.ts';
import type { TopologyRecord, TopologyShape } from '../../../src/runtime/topology-check/topology-shape.ts';
import { silent } from '../runtime-fakes.ts';

const shape = (...stores: readonly string[]): TopologyShape => ({
  version: 1,
  subtopologies: [],
  stores: stores.map((name) => ({ name, type: 'key-value', changelog: `app-${name}-changelog`, subtopology: 0 })),
  topics: stores.map((name) => ({ name: `app-${name}-changelog`, kind: 'changelog', partitions: 1 })),
});

/** A topic with a record of this shape. */
function logWith(before: TopologyShape | undefined) {
  const written: TopologyShape[] = [];
  let record: TopologyRecord | undefined = before === undefined ? before : { incarnation: 'first', shape: before };
  const log = {
    read: () => Promise.resolve(record),
    write: (next: TopologyRecord) => {
      record = next;
      written.push(next.shape);
      return Promise.resolve();
    },
  };
  const check = (next: TopologyShape, changes: TopologyChanges = 'refuse') =>
    checkTopology(next, new Set(), { applicationId: 'app', changes, log, logger: silent });
  return { written, check };
}

describe('the check at the start', () => {
  test('writes down what runs for the first time', async () => {
    const { written, check } = logWith(undefined);
    const incarnation = await check(shape('counts'));
    expect(incarnation).toMatch(/^[0-9a-f-]{36}$/);
    expect(await check(shape('counts', 'plays'))).toBe(incarnation);
    expect(written).toEqual([shape('counts'), shape('counts', 'plays')]);
  });

  test('makes no topic for an application that keeps nothing', async () => {
    const { written, check } = logWith(undefined);
    expect(await check(shape())).toBeUndefined();
    expect(written).toEqual([]);
  });

  test('writes nothing when nothing has changed', async () => {
    const { written, check } = logWith(shape('counts'));
    await check(shape('counts'));
    expect(written).toEqual([]);
  });

  test('writes down a compatible change, also of an application that keeps nothing any more', async () => {
    const { written, check } = logWith(shape('counts'));
    await check(shape());
    expect(written).toEqual([shape()]);
  });

  test('refuses an incompatible one with every way out, and leaves the record as it is', async () => {
    const { written, check } = logWith(shape('counts'));
    const refused = check(shape('tallies'));
    await expect(refused).rejects.toMatchObject({ code: 'STREAMS_TOPOLOGY' });
    await expect(refused).rejects.toThrow(
      /counts is gone and tallies is new.*call it counts again.*streams:reset -- --application-id app.*topologyChanges: 'accept'/,
    );
    expect(written).toEqual([]);
  });

  test('takes an incompatible one where the setting says so', async () => {
    const { written, check } = logWith(shape('counts'));
    await check(shape('tallies'), 'accept');
    expect(written).toEqual([shape('tallies')]);
  });
});
