import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlaybackDecision, newPlaybackHeartbeat, topics } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { BrokerError } from '@playhead/stream-core/client';
import type { RecordMetadata } from '@playhead/stream-core/client';
import { Backlog } from '../../src/queue/backlog.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import { ProducerEventLog } from '../../src/records/producer-event-log.ts';
import type { RecordSender } from '../../src/records/producer-event-log.ts';

const OWNER = { tenant: 'demo', account: 'acc-1', session: 's-1' };
const beat = (sequence: number) =>
  newPlaybackHeartbeat({
    ...OWNER,
    eventId: `e-${sequence}`,
    type: 'BEAT',
    sequence,
    receivedTime: 1000,
    eventTime: 900,
  });
const METADATA: RecordMetadata = { topic: 'playback.heartbeats', partition: 2, offset: 9 };

interface Sent {
  readonly value: PlaybackHeartbeat;
  readonly acknowledge: () => void;
  readonly refuse: (error: Error) => void;
}

describe('a log with a backlog', () => {
  let directory: string;
  let queue: DiskQueue;
  let backlog: Backlog;
  let log: ProducerEventLog;
  let sent: Sent[];
  /** What Kafka does with a record; undefined leaves it waiting. */
  let kafka: 'takes' | 'refuses' | 'waits';
  let onSent: () => void;
  const released: string[] = [];
  const queued: string[] = [];

  const sender: RecordSender = {
    prepare: async () => undefined,
    sendAll: (_topic, records) =>
      new Promise((resolve, refuse) => {
        const acknowledge = (): void => resolve(METADATA);
        for (const { value } of records) sent.push({ value: value as PlaybackHeartbeat, acknowledge, refuse });
        if (kafka === 'takes') acknowledge();
        else if (kafka === 'refuses') refuse(new Error('no leader'));
        onSent();
      }),
  };
  const start = async (maxBytes = 1_000_000, timeoutMs = 60_000) => {
    queue = await DiskQueue.open({ directory, maxBytes });
    log = new ProducerEventLog(sender, topics, {
      timeoutMs,
      maxPending: 100,
      health: { succeeded: () => undefined, failed: () => undefined },
      logger: SILENT,
      newest: { of: async () => METADATA },
      onQueued: (outcome) => void queued.push(outcome),
    });
    backlog = new Backlog({
      queue,
      maxHeld: 100,
      deliver: (record) => log.deliver(record),
      onReleased: (outcome, records) => void released.push(`${outcome} ${records}`),
      onError: (error) => {
        throw error;
      },
      logger: SILENT,
    });
    log.useBacklog(backlog);
  };
  /** Resolves when a record with this sequence was sent to a Kafka that takes records. */
  const delivered = (sequence: number): Promise<void> =>
    new Promise((resolve) => {
      onSent = () => {
        if (kafka === 'takes' && sent.at(-1)?.value.sequence === sequence) resolve();
      };
    });
  const sequences = () => sent.map(({ value }) => value.sequence);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-backlog-'));
    sent = [];
    kafka = 'takes';
    onSent = () => undefined;
    released.length = 0;
    queued.length = 0;
    await start();
  });
  afterEach(async () => {
    await backlog.close();
    await rm(directory, { recursive: true });
  });

  it('sends all that wait for Kafka to the disk when the first of them fails, in their order, and what follows', async () => {
    kafka = 'waits';
    const first = [log.heartbeat(beat(0)), log.heartbeat(beat(1)), log.heartbeat(beat(2))];
    kafka = 'refuses';
    sent[1]?.refuse(new Error('no leader'));
    await new Promise(setImmediate);
    const later = log.heartbeat(beat(3));
    expect(await Promise.all([...first, later])).toEqual([undefined, undefined, undefined, undefined]);
    sent = [];
    kafka = 'takes';
    const last = delivered(3);
    await last;
    expect(sequences()).toEqual([0, 1, 2, 3]);
    expect(sent.map(({ value }) => value.late)).toEqual([true, true, true, true]);
  });

  it('sends the beats of each post to the disk in their order', async () => {
    kafka = 'waits';
    const posts = [log.beats([beat(0), beat(1)]), log.beats([beat(2), beat(3), beat(4)])];
    expect(log.pending).toBe(5);
    kafka = 'refuses';
    sent[2]?.refuse(new Error('no leader'));
    await new Promise(setImmediate);
    posts.push(log.beats([beat(5), beat(6)]));
    expect(await Promise.all(posts)).toEqual([undefined, undefined, undefined]);
    sent = [];
    kafka = 'takes';
    await delivered(6);
    expect(sequences()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(queued).toEqual(Array(7).fill('queued'));
  });

  it('goes to Kafka directly again, and with a position, when the disk is empty; until then no place is the newest', async () => {
    kafka = 'refuses';
    expect(await log.heartbeat(beat(0))).toBeUndefined();
    expect(await log.newestHeartbeat({ tenant: 'demo', account: 'a' })).toBeUndefined();
    kafka = 'takes';
    await delivered(0);
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(await log.newestHeartbeat({ tenant: 'demo', account: 'a' })).toEqual(METADATA);
    expect(await log.heartbeat(beat(1))).toEqual(METADATA);
    expect(sent.at(-1)?.value.late).toBe(false);
    expect(released.at(-1)).toBe('drained 1');
  });

  it('sends what comes while the last record of the disk is delivered directly behind it, with a position and in time', async () => {
    kafka = 'refuses';
    await log.heartbeat(beat(0));
    sent = [];
    kafka = 'takes';
    const later: Promise<unknown>[] = [];
    onSent = () => {
      const { sequence, late } = sent.at(-1)!.value;
      if (late && sequence! < 2) later.push(log.heartbeat(beat(sequence! + 1)));
    };
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(await Promise.all(later)).toEqual([undefined, METADATA]);
    expect(sent.map(({ value }) => [value.sequence, value.late])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
    expect(queued).toEqual(['queued', 'queued']);
  });

  it('delivers what a gateway before left, before anything newer', async () => {
    kafka = 'refuses';
    await Promise.all([0, 1, 2].map((sequence) => log.heartbeat(beat(sequence))));
    await backlog.close();
    sent = [];
    kafka = 'takes';
    await start();
    const newer = log.heartbeat(beat(3));
    expect(await newer).toBeUndefined();
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(sequences()).toEqual([0, 1, 2, 3]);
  });

  it('sends a start that waited as history, with its first received time', async () => {
    kafka = 'refuses';
    await log.heartbeat({ ...beat(0), type: 'START', receivedTime: 4711 });
    kafka = 'takes';
    sent = [];
    await delivered(0);
    expect(sent[0]?.value).toMatchObject({ type: 'START', late: true, receivedTime: 4711 });
  });

  it('refuses when Kafka takes nothing and the disk has no room, and keeps what it acknowledged', async () => {
    await backlog.close();
    await start(1_000);
    kafka = 'refuses';
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => log.heartbeat(beat(at))));
    const stored = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.length).toBeLessThan(10);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(LogUnavailableError);
    }
    sent = [];
    kafka = 'takes';
    await delivered(stored.at(-1)!);
    expect(sequences()).toEqual(stored);
  });

  it('moves to the disk what Kafka leaves without an answer', async () => {
    await backlog.close();
    await start(1_000_000, 5);
    kafka = 'waits';
    expect(await log.heartbeat(beat(0))).toBeUndefined();
    sent[0]?.acknowledge();
    kafka = 'takes';
    expect(await log.heartbeat(beat(1))).toBeUndefined();
  });

  it('is not blocked by a record that Kafka will never take', async () => {
    const tooLarge = new BrokerError('too large', { reason: 'MESSAGE_TOO_LARGE', recovery: 'fatal' });
    kafka = 'waits';
    const refused = log.heartbeat(beat(0));
    sent[0]?.refuse(tooLarge);
    await expect(refused).rejects.toBeInstanceOf(LogUnavailableError);
    expect(backlog.isEngaged).toBe(false);
    kafka = 'refuses';
    await Promise.all([log.heartbeat(beat(1)), log.heartbeat(beat(2))]);
    sent = [];
    kafka = 'waits';
    onSent = () => {
      if (sent.length === 2) {
        sent[0]?.refuse(tooLarge);
        sent[1]?.acknowledge();
      } else sent[2]?.refuse(tooLarge);
    };
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(released.slice(-2)).toEqual(['lost 1', 'drained 1']);
  });

  it('keeps decisions too, and refuses an entitlement, which nobody would be told of', async () => {
    kafka = 'refuses';
    const times = { receivedTime: 2000, decidedTime: 4000, eventId: 'e-1' };
    await log.decision(newPlaybackDecision({ ...OWNER, ...times, type: 'ADMISSION', decision: 'ALLOW' }));
    const owner = { tenant: 'demo', account: 'acc-1' };
    const set = { ...owner, plan: 'basic', maxStreams: 2, updatedAt: 1 } as never;
    await expect(log.entitlement(owner, set)).rejects.toBeInstanceOf(LogUnavailableError);
    await expect(log.entitlement(owner, null)).rejects.toBeInstanceOf(LogUnavailableError);
    sent = [];
    kafka = 'takes';
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.value).toMatchObject({ decision: 'ALLOW', decidedTime: 4000, policies: expect.anything() });
  });
});

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
