import { afterEach, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startTestBroker, type TestBroker } from '../src/testing.ts';
import { makeBatch, readValues } from './support/batches.ts';
import { RawClient } from './support/raw-client.ts';
import { createTopic, fetchOne, produceOne } from './support/requests.ts';

const DESCRIPTORS = '/proc/self/fd';
const MAX_OPEN_FILES = 8;
const PARTITIONS = 40;
const TIMEOUT_MS = 30_000;
const canCount = existsSync(DESCRIPTORS);
if (!canCount) process.stdout.write(`skipped: how many files a broker has open (there is no ${DESCRIPTORS})\n`);

let broker: TestBroker;
afterEach(() => broker.close());

/** This process's open files below the broker's directory of topics. */
function openFiles(): string[] {
  const targets = readdirSync(DESCRIPTORS).map((name) => {
    try {
      return readlinkSync(join(DESCRIPTORS, name));
    } catch {
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(join(broker.dataDir, 'topics')));
}

(canCount ? test : test.skip)(
  'however many partitions are written and read, no more files are open than allowed',
  async () => {
    broker = await startTestBroker({ maxOpenFiles: MAX_OPEN_FILES });
    const client = await RawClient.connect(broker.port);
    await createTopic(client, 'many', PARTITIONS, {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0',
      'segment.ms': '1',
    });
    const records = [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ];
    for (let round = 0; round < 2; round++) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect((await produceOne(client, 'many', makeBatch(records), { partition })).errorCode).toBe(0);
      }
      expect(openFiles().length).toBeLessThanOrEqual(MAX_OPEN_FILES);
    }
    expect(openFiles().length).toBeGreaterThan(0);
    await broker.maintain();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      expect(readValues((await fetchOne(client, 'many', 2, { partition })).records)).toEqual(['3:2']);
    }
    expect(openFiles().length).toBeLessThanOrEqual(MAX_OPEN_FILES);
    client.socket.destroy();
  },
  TIMEOUT_MS,
);
