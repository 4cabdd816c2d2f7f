import { describe, expect, it } from '@jest/globals';
import { newPlaybackDecision, newPlaybackEvent, newPlaybackHeartbeat, topics } from '@playhead/event-schemas';
import { SerdeError } from '@playhead/stream-core';
import type { RecordMetadata } from '@playhead/stream-core/client';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import { ProducerEventLog } from '../../src/records/producer-event-log.ts';
import type { RecordSender } from '../../src/records/producer-event-log.ts';

const OWNER = { tenant: 'demo', account: 'acc 1', session: 's-1', eventId: 'e-1' };
const beat = () => newPlaybackHeartbeat({ ...OWNER, type: 'BEAT', receivedTime: 1000, eventTime: 900 });

interface SentRecord {
  readonly topic: { readonly name: string };
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array }[];
}

function startLog(options: { timeoutMs?: number; maxPending?: number } = {}) {
  const sent: SentRecord[] = [];
  const acknowledge: ((metadata: RecordMetadata) => void)[] = [];
  const refuse: ((error: Error) => void)[] = [];
  const said: string[] = [];
  const outcomes: string[] = [];
  const sender: RecordSender = {
    prepare: async () => undefined,
    sendAll: (topic, records) => {
      sent.push(...records.map((record) => ({ ...record, topic }) as unknown as SentRecord));
      return new Promise((resolve, reject) => {
        acknowledge.push(resolve);
        refuse.push(reject);
      });
    },
  };
  const log = new ProducerEventLog(sender, topics, {
    timeoutMs: 60_000,
    maxPending: 10,
    ...options,
    newest: { of: async ({ account }) => ({ ...METADATA, topic: account }) },
    health: { succeeded: () => void outcomes.push('taken'), failed: (reason: string) => void outcomes.push(reason) },
    logger: {
      info: (_fields: object, message?: string) => void said.push(message ?? ''),
      warn: (_fields: object, message?: string) => void said.push(message ?? ''),
    },
  });
  return { log, sent, acknowledge, refuse, said, outcomes };
}

const METADATA = { topic: 'playback.heartbeats', partition: 2, offset: 9 };

describe('ProducerEventLog', () => {
  it('writes under the account’s key and the received time, and tells the position', async () => {
    const { log, sent, acknowledge } = startLog();
    const position = log.heartbeat(beat());
    acknowledge[0]?.(METADATA);
    expect(await position).toEqual(METADATA);
    expect(sent).toMatchObject([
      { topic: topics.heartbeats, key: 'demo/acc%201', timestamp: 1000, value: { type: 'BEAT' } },
    ]);
    const event = log.event(newPlaybackEvent({ ...OWNER, type: 'PLAY', receivedTime: 2000, eventTime: 1 }));
    acknowledge[1]?.(METADATA);
    await event;
    expect(sent[1]).toMatchObject({ topic: topics.events, key: 'demo/acc%201', timestamp: 2000 });
    const times = { receivedTime: 2000, decidedTime: 4000 };
    const decision = log.decision(newPlaybackDecision({ ...OWNER, ...times, type: 'ADMISSION', decision: 'ALLOW' }));
    acknowledge[2]?.(METADATA);
    await decision;
    expect(sent[2]).toMatchObject({ topic: topics.decisions, key: 'demo/acc%201', timestamp: 4000 });
  });

  it('gives the beats of one post to the producer together, and counts each of them as waiting', async () => {
    const { log, sent, acknowledge } = startLog({ maxPending: 5 });
    const post = log.beats([beat(), beat(), beat()]);
    expect([sent.length, acknowledge.length, log.pending]).toEqual([3, 1, 3]);
    await expect(log.beats([beat(), beat(), beat()])).rejects.toThrow('3 records wait for Kafka, and at most 5 may');
    acknowledge[0]?.(METADATA);
    expect(await post).toEqual(METADATA);
    expect(log.pending).toBe(0);
  });

  it('tells the newest place of an account in the log of heartbeats', async () => {
    const { log } = startLog();
    expect(await log.newestHeartbeat({ tenant: 'demo', account: 'a' })).toEqual({ ...METADATA, topic: 'a' });
  });

  it('writes dead letters as they were received, with the reason in a header, always to one topic object', async () => {
    const { log, sent, acknowledge } = startLog();
    const line = { tenant: 'demo', account: 'acc-1', session: 's-1', receivedAt: 5, line: '{"x"', reason: 'no-key' };
    void log.deadLetter(line);
    void log.deadLetter(line);
    acknowledge.forEach((resolve) => resolve(METADATA));
    expect(sent[0]?.topic.name).toBe('playback.events.dead-letter');
    expect(sent[1]?.topic).toBe(sent[0]?.topic);
    expect(Buffer.from(sent[0]?.value as Uint8Array).toString()).toBe('{"x"');
    const headers = (sent[0]?.headers ?? []).map(({ key, value }) => [key, Buffer.from(value).toString()]);
    expect(headers).toContainEqual(['error.reason', 'no-key']);
  });

  it('gives up waiting after the time-out, and says once that Kafka takes nothing and once that it does again', async () => {
    const { log, refuse, acknowledge, said } = startLog({ timeoutMs: 5 });
    await expect(log.heartbeat(beat())).rejects.toBeInstanceOf(LogUnavailableError);
    await expect(log.heartbeat(beat())).rejects.toBeInstanceOf(LogUnavailableError);
    expect(said).toEqual(['Kafka takes no records; requests are answered 503']);
    refuse[0]?.(new Error('late'));
    const taken = log.heartbeat(beat());
    acknowledge[2]?.(METADATA);
    await taken;
    expect(said[1]).toBe('Kafka takes records again');
  });

  it('tells whether Kafka takes records by every outcome: a time-out, a refusal, an acknowledgement, a full queue', async () => {
    const { log, refuse, acknowledge, outcomes } = startLog({ timeoutMs: 5, maxPending: 2 });
    await expect(log.heartbeat(beat())).rejects.toThrow();
    await expect(log.heartbeat(beat())).rejects.toThrow();
    await expect(log.heartbeat(beat())).rejects.toThrow();
    acknowledge[0]?.(METADATA);
    await new Promise(setImmediate);
    const refused = log.heartbeat(beat());
    refuse[2]?.(new Error('no leader'));
    await expect(refused).rejects.toThrow();
    expect(outcomes).toEqual([
      'Kafka did not acknowledge a record of playback.heartbeats within 5 ms',
      'Kafka did not acknowledge a record of playback.heartbeats within 5 ms',
      '2 records wait for Kafka, and at most 2 may',
      'taken',
      'Kafka did not take a record of playback.heartbeats',
    ]);
  });

  it('turns what the producer refuses into its own error with the cause', async () => {
    const { log, refuse } = startLog();
    const cause = new Error('no leader');
    const refused = log.heartbeat(beat());
    refuse[0]?.(cause);
    await expect(refused).rejects.toMatchObject({ name: 'LogUnavailableError', cause });
  });

  it('passes a defect on as it is: a value that its schema refuses', async () => {
    const { log, refuse, said } = startLog();
    const cause = new SerdeError('no long');
    const refused = log.heartbeat(beat());
    refuse[0]?.(cause);
    await expect(refused).rejects.toBe(cause);
    expect(said).toEqual([]);
  });

  it('refuses at once when as many records wait as may, until one is acknowledged', async () => {
    const { log, sent, acknowledge } = startLog({ maxPending: 2 });
    const waiting = [log.heartbeat(beat()), log.heartbeat(beat())];
    await expect(log.heartbeat(beat())).rejects.toThrow('2 records wait for Kafka, and at most 2 may');
    expect(sent).toHaveLength(2);
    acknowledge[0]?.(METADATA);
    await waiting[0];
    expect(log.pending).toBe(1);
    const next = log.heartbeat(beat());
    acknowledge[1]?.(METADATA);
    acknowledge[2]?.(METADATA);
    await Promise.all([...waiting, next]);
    expect(log.pending).toBe(0);
  });
});
