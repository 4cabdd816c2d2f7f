import { nativeEventId } from '@playhead/event-schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway, VIEWER } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const HOUR_MS = 3_600_000;

describe('POST /v1/heartbeats', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ GATEWAY_SESSION_BURST: '200', GATEWAY_SESSION_ITEMS_PER_SECOND: '10' });
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    gateway.log.heartbeats.length = 0;
    gateway.log.away = false;
  });

  const post = (json: unknown, ticket = gateway.ticketOf()) =>
    gateway.request('POST', '/v1/heartbeats', { json, ticket });

  it('stores a beat with identity and content of the ticket and answers the verdict', async () => {
    const answer = await post(beat({ sequence: 7, bitrateKbps: 4200, bufferMs: 9000, durationMs: 60_000 }));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ verdict: 'continue', nextBeatInMs: 10_000, serverTime: gateway.clock.now });
    expect(gateway.log.heartbeats).toHaveLength(1);
    expect(gateway.log.heartbeats[0]).toMatchObject({
      ...VIEWER,
      eventId: nativeEventId({ session: 'session-1', type: 'BEAT', sequence: 7 }),
      type: 'BEAT',
      source: 'NATIVE',
      session: 'session-1',
      content: 'film-1',
      kind: 'VOD',
      sequence: 7,
      state: 'PLAYING',
      positionMs: 12_000,
      bitrateKbps: 4200,
      bufferMs: 9000,
      durationMs: 60_000,
      intervalMs: 10_000,
      receivedTime: gateway.clock.now,
    });
  });

  it('takes nothing about identity from the body', async () => {
    const answer = await post(beat({ account: 'acc-2', session: 'other', tenant: 'other', device: 'x', content: 'y' }));
    expect(answer.status).toBe(200);
    expect(gateway.log.heartbeats[0]).toMatchObject({ ...VIEWER, session: 'session-1', content: 'film-1' });
  });

  it('answers an array with an array, in order', async () => {
    const answer = await post([beat({ sequence: 1 }), beat({ sequence: 2 }), beat({ sequence: 3 })]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(
      Array.from({ length: 3 }, () => ({ verdict: 'continue', nextBeatInMs: 10_000, serverTime: gateway.clock.now })),
    );
    expect(gateway.log.heartbeats.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('gives a beat that is sent again the same event id, so that it counts once', async () => {
    await post(beat({ sequence: 5 }));
    const again = await post(beat({ sequence: 5, positionMs: 99_000 }));
    expect(again.status).toBe(200);
    expect(gateway.log.heartbeats[1]?.eventId).toBe(gateway.log.heartbeats[0]?.eventId);
  });

  it('reads text/plain and a ticket in the address, as a beacon sends them', async () => {
    const answer = await gateway.request('POST', `/v1/heartbeats?ticket=${gateway.ticketOf()}`, {
      body: JSON.stringify(beat()),
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
    });
    expect(answer.status).toBe(200);
    expect(gateway.log.heartbeats).toHaveLength(1);
  });

  it('takes a word that it does not know as UNKNOWN and ignores and counts fields that it does not know', async () => {
    const before = gateway.parts.metrics.unknownFields.value('heartbeat');
    const answer = await post(beat({ state: 'HOVERING', network: 'PIGEON', mood: 'good', shoes: 2 }));
    expect(answer.status).toBe(200);
    expect(gateway.log.heartbeats[0]).toMatchObject({ state: 'UNKNOWN', network: 'UNKNOWN' });
    expect(gateway.parts.metrics.unknownFields.value('heartbeat')).toBe(before + 2);
  });

  it('keeps the client time and corrects the event time by the measured offset of the clock', async () => {
    const { now } = gateway.clock;
    const behindMs = 5 * 60_000;
    await post(
      [beat({ sequence: 0, sentAt: now - behindMs - 30_000 }), beat({ sequence: 1, sentAt: now - behindMs })],
      gateway.ticketOf({ session: 'slow-clock' }),
    );
    expect(gateway.log.heartbeats).toMatchObject([
      { clientTime: now - behindMs - 30_000, clockOffsetMs: behindMs, eventTime: now - 30_000 },
      { clientTime: now - behindMs, clockOffsetMs: behindMs, eventTime: now },
    ]);
  });

  it('answers the verdict of a blocked session with its reason, and no other account sees it', async () => {
    gateway.parts.blocked.block(
      { tenant: 'demo', account: 'acc-1', session: 'blocked-1' },
      { verdict: 'stop', reason: 'concurrency-limit' },
    );
    const stopped = await post(beat(), gateway.ticketOf({ session: 'blocked-1' }));
    expect(stopped).toMatchObject({ status: 200, body: { verdict: 'stop', reason: 'concurrency-limit' } });
    const other = await post(beat(), gateway.ticketOf({ session: 'blocked-1', account: 'acc-2' }));
    expect(other).toMatchObject({ status: 200, body: { verdict: 'continue' } });
  });

  describe('from half of a ticket’s life', () => {
    it('gives a new ticket of the same session', async () => {
      const ticket = gateway.ticketOf();
      expect((await post(beat(), ticket)).body).not.toHaveProperty('ticket');
      gateway.clock.now += 12 * HOUR_MS;
      const { body } = await post(beat({ sentAt: gateway.clock.now }), ticket);
      const renewed = gateway.parts.tickets.verify((body as { ticket: string }).ticket);
      expect(renewed).toMatchObject({ ...VIEWER, session: 'session-1', expiresAt: gateway.clock.now + 24 * HOUR_MS });
    });

    it('writes until when the new ticket is good: the guard forgot stops when the old one expired', async () => {
      const ticket = gateway.ticketOf();
      gateway.clock.now += 12 * HOUR_MS;
      await post(beat({ sentAt: gateway.clock.now }), ticket);
      expect(gateway.log.heartbeats.at(-1)?.ticketExpiresAt).toBe(gateway.clock.now + 24 * HOUR_MS);
    });

    it('gives none to a session that was told to stop', async () => {
      const ticket = gateway.ticketOf({ session: 'blocked-2' });
      gateway.parts.blocked.block({ tenant: 'demo', account: 'acc-1', session: 'blocked-2' }, { verdict: 'stop' });
      gateway.clock.now += 13 * HOUR_MS;
      const { body } = await post(beat(), ticket);
      expect(body).toEqual({ verdict: 'stop', nextBeatInMs: 10_000, serverTime: gateway.clock.now });
    });
  });

  it('answers 503 with Retry-After while Kafka is away, and the next beat goes through', async () => {
    gateway.log.away = true;
    const refused = await post(beat());
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.body).toMatchObject({ type: '/problems/log-unavailable', status: 503 });
    gateway.log.away = false;
    expect((await post(beat())).status).toBe(200);
  });

  it('refuses a session that sends more than it may with 429 and Retry-After', async () => {
    const ticket = gateway.ticketOf({ session: 'flood' });
    const hundred = Array.from({ length: 100 }, (_, sequence) => beat({ sequence }));
    expect((await post(hundred, ticket)).status).toBe(200);
    expect((await post(hundred, ticket)).status).toBe(200);
    const refused = await post(beat({ sequence: 200 }), ticket);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body).toMatchObject({ type: '/problems/rate-limit', scope: 'session', retryAfterMs: 100 });
    gateway.clock.now += 100;
    expect((await post(beat({ sequence: 200 }), ticket)).status).toBe(200);
  });
});
