import { describe, expect, test } from '@jest/globals';
import { checkTopology, type TopologyChanges } from '../../../src/runtime/topology-check/check-topology.ts';
import type { TopologyShape } from '../../../src/runtime/topology-check/topology-shape.ts';
import { silent } from '../runtime-fakes.ts';

const shape = (...stores: readonly string[]): TopologyShape => ({
  version: 1,
  subtopologies: [],
  stores: stores.map((name) => ({ name, type: 'key-value', changelog: `app-${name}-changelog`, subtopology: 0 })),
  topics: stores.map((name) => ({ name: `app-${name}-changelog`, kind: 'changelog', partitions: 1 })),
});

/** A topic with this record. */
function logWith(record: TopologyShape | undefined) {
  const written: TopologyShape[] = [];
  const log = {
    read: () => Promise.resolve(record),
    write: (next: TopologyShape) => {
      written.push(next);
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
    await check(shape('counts'));
    expect(written).toEqual([shape('counts')]);
  });

  test('makes no topic for an application that keeps nothing', async () => {
    const { written, check } = logWith(undefined);
    await check(shape());
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
