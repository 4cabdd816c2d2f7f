import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlaybackHeartbeat, topics } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { SerdeError } from '@playhead/stream-core';
import { BrokerError } from '@playhead/stream-core/client';
import { Backlog } from '../../src/queue/backlog.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import { ProducerEventLog } from '../../src/records/producer-event-log.ts';
import type { RecordSender } from '../../src/records/producer-event-log.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const METADATA = { topic: 'playback.heartbeats', partition: 2, offset: 9 };
const TOO_LARGE = new BrokerError('too large', { reason: 'MESSAGE_TOO_LARGE', recovery: 'fatal' });

describe('acknowledged records that wait on the disk', () => {
  let directory: string;
  let backlog: Backlog;
  let taken: (number | null)[];
  let released: string[];
  /** Of records that come in one turn; throws what Kafka refuses them with. */
  let broker: (sequences: readonly (number | null)[]) => void;
  let registry: () => void;

  /** Lets `count` records wait, and has them delivered by a gateway that is started anew. */
  const drain = async (count: number, until = () => !backlog.isEngaged): Promise<void> => {
    const before = await DiskQueue.open({ directory, maxBytes: 1_000_000 });
    for (let sequence = 0; sequence < count; sequence++) await before.put({ kind: 'heartbeat', value: beat(sequence) });
    await before.close();
    const queue = await DiskQueue.open({ directory, maxBytes: 1_000_000 });
    const log = new ProducerEventLog(sender(), topics, {
      timeoutMs: 60_000,
      maxPending: 100,
      health: { succeeded: () => undefined, failed: () => undefined },
      logger: SILENT,
      newest: { of: async () => METADATA },
    });
    backlog = new Backlog({
      queue,
      maxHeld: 100,
      deliver: (record) => log.deliver(record),
      onReleased: (outcome, records) => void (records > 0 && released.push(`${outcome} ${records}`)),
      onError: (error) => {
        throw error;
      },
      logger: SILENT,
    });
    while (!until()) await new Promise(setImmediate);
  };

  /** A producer that puts what comes in one turn into one batch. */
  const sender = (): RecordSender => {
    let batch: { readonly sequences: (number | null)[]; readonly sent: Promise<void> } | undefined;
    return {
      prepare: async () => registry(),
      sendAll: async (_topic, [record]) => {
        registry();
        batch ??= { sequences: [], sent: new Promise<void>(setImmediate).then(send) };
        batch.sequences.push((record!.value as PlaybackHeartbeat).sequence);
        await batch.sent;
        return METADATA;
      },
    };
    function send(): void {
      const { sequences } = batch!;
      batch = undefined;
      broker(sequences);
      taken.push(...sequences);
    }
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-refusals-'));
    taken = [];
    released = [];
    broker = () => undefined;
    registry = () => undefined;
  });
  afterEach(async () => {
    await backlog.close();
    await rm(directory, { recursive: true });
  });

  it('were dropped with the one of their batch that Kafka refuses, or as a batch that is too large', async () => {
    broker = (sequences) => {
      if (sequences.length > 1 || sequences.includes(3)) throw TOO_LARGE;
    };
    await drain(5);
    expect(taken).toEqual([0, 1, 2, 4]);
    expect(released).toEqual(['lost 1', 'drained 4']);
  });

  it('held up the end of the gateway while each of a refused batch was tried by itself', async () => {
    let closed: Promise<void> | undefined;
    broker = (sequences) => {
      if (sequences.length > 1) throw TOO_LARGE;
      closed ??= backlog.close();
    };
    await drain(5, () => closed !== undefined);
    await closed;
    expect(taken).toEqual([0]);
  });

  it('were dropped while the registry had not got their schema', async () => {
    let asked = 0;
    registry = () => {
      if (++asked <= 3) throw new SerdeError('the subject does not have this schema');
    };
    await drain(3);
    expect(taken).toEqual([0, 1, 2]);
    expect(released).toEqual(['drained 3']);
  });
});

const beat = (sequence: number) =>
  newPlaybackHeartbeat({
    tenant: 'demo',
    account: 'acc-1',
    session: 's-1',
    eventId: `e-${sequence}`,
    type: 'BEAT',
    sequence,
    receivedTime: 1000,
    eventTime: 900,
  });
