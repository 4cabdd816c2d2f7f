import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountKey, newPlaybackHeartbeat, topics } from '@playhead/event-schemas';
import type { HeartbeatType } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { BEATS_BY_CONTENT, buildTopology, contentKey } from '../src/topology.ts';

const EPOCH_MS = 1_800_000_000_000;

describe('service-name', () => {
  let driver: TopologyTestDriver;
  beforeEach(async () => {
    driver = await TopologyTestDriver.create(buildTopology({ topics }), { schemas: new InMemorySchemas() });
  });
  afterEach(() => driver.close());

  it.each<[what: string, records: [seconds: number, type: HeartbeatType, content: string | null][], beats: number]>([
    ['nothing', [], 0],
    [
      'beats',
      [
        [0, 'BEAT', 'film-1'],
        [10, 'BEAT', 'film-1'],
      ],
      2,
    ],
    [
      'only beats',
      [
        [0, 'START', 'film-1'],
        [10, 'BEAT', 'film-1'],
        [20, 'STOP', 'film-1'],
      ],
      1,
    ],
    [
      'each content for itself',
      [
        [0, 'BEAT', 'film-2'],
        [0, 'BEAT', null],
        [0, 'BEAT', 'film-1'],
      ],
      1,
    ],
  ])('counts %s', (_what, records, beats) => {
    const input = driver.createInputTopic(topics.heartbeats);
    for (const [seconds, type, content] of records) {
      const receivedTime = EPOCH_MS + seconds * 1000;
      const common = { tenant: 'demo', account: 'acc-1', session: 's-1', source: 'NATIVE' as const };
      const eventId = `${type}-${seconds}-${content}`;
      const beat = newPlaybackHeartbeat({ ...common, eventId, type, content, receivedTime, eventTime: receivedTime });
      input.pipeInput(beat, accountKey('demo', 'acc-1'), receivedTime);
    }
    const store = driver.keyValueStore<string, number>(BEATS_BY_CONTENT);
    expect(store.get(contentKey('demo', 'film-1')) ?? 0).toBe(beats);
  });
});
