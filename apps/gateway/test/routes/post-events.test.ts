import { nativeEventId } from '@playhead/event-schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, VIEWER } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('POST /v1/events', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    gateway.log.heartbeats.length = 0;
    gateway.log.events.length = 0;
  });

  const post = (json: unknown) => gateway.request('POST', '/v1/events', { json, ticket: gateway.ticketOf() });
  const event = (fields: object) => ({
    sequence: 0,
    type: 'PLAY',
    positionMs: 500,
    sentAt: gateway.clock.now,
    ...fields,
  });

  it('stores the event, and evidence of it in the log of beats that counts once', async () => {
    const answer = await post(event({ sequence: 4, type: 'PAUSE', state: 'PAUSED' }));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ verdict: 'continue', nextBeatInMs: 10_000, serverTime: gateway.clock.now });
    const eventId = nativeEventId({ session: 'session-1', type: 'EVENT', sequence: 4 });
    expect(gateway.log.events).toMatchObject([
      { ...VIEWER, eventId, type: 'PAUSE', session: 'session-1', sequence: 4, positionMs: 500, state: 'PAUSED' },
    ]);
    expect(gateway.log.heartbeats).toMatchObject([
      {
        ...VIEWER,
        eventId,
        type: 'EVIDENCE',
        evidence: { kind: 'PLAYER_EVENT', countsAsEvent: true },
        intervalMs: 10_000,
        sequence: 4,
      },
    ]);
  });

  it.each([
    ['SEEK', { fromMs: 1000, toMs: 9000 }, { seek: { fromMs: 1000, toMs: 9000 } }],
    [
      'BITRATE',
      { kbps: 4200, height: 1080 },
      { bitrateKbps: 4200, rendition: { fromKbps: null, toKbps: 4200, width: null, height: 1080, reason: null } },
    ],
    [
      'ERROR',
      { code: 'E-1', fatal: true, category: 'BUSINESS' },
      { error: { code: 'E-1', fatal: true, category: 'BUSINESS', message: null } },
    ],
    [
      'ERROR',
      { code: 3016, message: 'x'.repeat(300) },
      { error: { code: '3016', fatal: null, category: 'UNKNOWN', message: 'x'.repeat(200) } },
    ],
    ['REBUFFER_START', { cause: 'network' }, { rebufferCause: 'network' }],
    ['QUARTILE', { quartile: 75 }, { quartile: 75 }],
    ['RATE', { rate: 1.5 }, { playbackRate: 1.5 }],
    ['FIRST_FRAME', { startupMs: 640 }, { startupMs: 640 }],
    [
      'PLAYER_SETTING',
      { setting: { name: 'subtitles', value: 'on' } },
      { setting: { name: 'subtitles', value: 'on' } },
    ],
    [
      'AD_QUARTILE',
      { quartile: 25, ad: { adId: 'ad-1' } },
      { quartile: 25, ad: expect.objectContaining({ adId: 'ad-1', breakId: null }) },
    ],
    ['AD_ERROR', { code: 'vast', ad: {} }, { error: expect.objectContaining({ code: 'vast' }) }],
    [
      'PLAY',
      { origin: { rail: 'new', slot: 2 } },
      { origin: expect.objectContaining({ rail: 'new', slot: 2, tileId: null }) },
    ],
    ['PLAY', { kbps: 4200, toMs: 7, code: 'x' }, { rendition: null, seek: null, error: null }],
    ['LEVITATE', {}, { type: 'UNKNOWN' }],
  ])('stores what %s says: %j', async (type, fields, expected) => {
    expect((await post(event({ type, ...fields }))).status).toBe(200);
    expect(gateway.log.events).toHaveLength(1);
    expect(gateway.log.events[0]).toMatchObject({ type, ...expected });
  });

  it('stores nothing of an array with one bad event', async () => {
    const answer = await post([event({}), event({ sequence: -1 })]);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/1/sequence' }] } });
    expect(gateway.log.size).toBe(0);
  });
});
