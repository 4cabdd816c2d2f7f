import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_CONFLICTS, nativeEventId, newPlaybackDecision } from '@playhead/event-schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import { startTestGateway, VIEWER } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Admission {
  readonly sessionId: string;
  readonly ticket: string;
}

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    GATEWAY_FAIL_CLOSED_TENANTS: 'strict',
    GATEWAY_DECISION_TRY_MS: '20',
    GATEWAY_DECISION_TIMEOUT_MS: '60',
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

describe('POST /v1/playback-sessions', () => {
  const ask = async (claims: object = {}, json: object = { contentId: 'film-1', kind: 'VOD', title: 'A film' }) =>
    gateway.request('POST', '/v1/playback-sessions', { json, token: await gateway.viewer(claims) });

  /** The record of the start that nobody decided on in time. */
  const audited = (decision: 'ALLOW' | 'DENY') => {
    const { eventId, tenant, account, session, profile, device, content, kind, receivedTime } =
      gateway.log.heartbeats.find(({ type }) => type === 'START')!;
    const whose = { tenant, account, session, profile, device, content, kind };
    const record = newPlaybackDecision({
      ...whose,
      eventId,
      receivedTime,
      type: 'ADMISSION',
      decidedTime: 0,
      decision,
      reason: 'guard-unavailable',
      checked: false,
    });
    // The clock is moved on while the answer is waited for.
    return { ...record, decidedTime: expect.any(Number) };
  };

  it('answers an allowed start 201 with exactly the contract', async () => {
    const answer = await ask();
    expect(answer.status).toBe(201);
    const { sessionId, ticket } = answer.body as Admission;
    expect(sessionId).toMatch(UUID);
    expect(answer.body).toEqual({
      sessionId,
      ticket,
      decision: 'allow',
      checked: true,
      heartbeat: { intervalMs: 10_000, graceMs: 15_000, maxMissed: 3 },
      usage: { current: 1, max: 2 },
      cmcdUrl: `/v1/cmcd?ticket=${ticket}&interval=10`,
      serverTime: gateway.clock.now,
    });
    expect(gateway.parts.tickets.verify(ticket)).toMatchObject({
      ...VIEWER,
      session: sessionId,
      content: 'film-1',
      kind: 'VOD',
      title: 'A film',
      intervalMs: 10_000,
    });
  });

  it('writes the start first and asks the guard with its position as the bound', async () => {
    const { sessionId, ticket } = (await ask()).body as Admission;
    expect(gateway.log.heartbeats).toMatchObject([
      {
        ...VIEWER,
        type: 'START',
        eventId: nativeEventId({ session: sessionId, type: 'START', sequence: 0 }),
        session: sessionId,
        content: 'film-1',
        kind: 'VOD',
        title: 'A film',
        ticketExpiresAt: gateway.parts.tickets.verify(ticket).expiresAt,
      },
    ]);
    expect(gateway.guard.asked).toEqual([
      {
        tenant: 'demo',
        account: 'acc-1',
        session: sessionId,
        position: { topic: 'playback.heartbeats', partition: 0, offset: 0 },
        timeoutMs: 20,
      },
    ]);
  });

  it('counts an admitted stream as live from its start', async () => {
    const before = gateway.parts.live.of('demo', gateway.clock.now);
    await ask();
    const after = gateway.parts.live.of('demo', gateway.clock.now);
    expect([after.liveStreams - before.liveStreams, after.beatsPerSecond]).toEqual([1, before.beatsPerSecond]);
  });

  it('answers a refused start 409 with usage, conflicts and when to try again, and no ticket', async () => {
    const conflicts = [{ sessionId: 's-0', device: 'tv-0', content: 'film-0', startedAt: 1_000, lastSeenAt: 2_000 }];
    gateway.guard.decision = {
      decision: 'deny',
      reason: 'concurrency-limit',
      usage: { current: 2, max: 2 },
      conflicts,
      retryAfterMs: 12_400,
    };
    const answer = await ask();
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: '/problems/concurrency-limit',
      title: 'Too many streams',
      status: 409,
      detail: '2 of 2 streams are in use.',
      decision: 'deny',
      reason: 'concurrency-limit',
      actions: ['retry'],
      usage: { current: 2, max: 2 },
      conflicts,
      retryAfterMs: 12_400,
    });
    expect(answer.headers.get('retry-after')).toBe('13');
  });

  it.each([
    ['a limit of 0', { reason: 'concurrency-limit', usage: { current: 0, max: 0 } }, /limit is 0/],
    ['a lack', { reason: 'missing-attribute', usage: { current: 0, max: 2 } }, /does not say/],
  ])('asks nobody to try again what time does not mend, %s: it said at once', async (_name, denial, detail) => {
    gateway.guard.decision = { decision: 'deny', conflicts: [], mayEnd: true, ...denial };
    const answer = await ask();
    expect(answer).toMatchObject({ status: 409, body: { actions: [], detail: expect.stringMatching(detail) } });
    expect(answer.body).not.toHaveProperty('retryAfterMs');
    expect(answer.headers.get('retry-after')).toBeNull();
  });

  it('gives a refused viewer as many tokens as the retry may name', async () => {
    const conflicts = Array.from({ length: MAX_CONFLICTS }, (_, n) => ({
      sessionId: `s-${n}`,
      device: `tv-${n}`,
      content: 'film-0',
      startedAt: 1,
      lastSeenAt: 2,
    }));
    const usage = { current: 60, max: 60 };
    gateway.guard.decision = { decision: 'deny', usage, conflicts, retryAfterMs: 1, mayEnd: true };
    const start = { contentId: 'film-1', kind: 'VOD' };
    const token = await gateway.viewer();
    const refused = await gateway.request('POST', '/v1/playback-sessions', { json: start, token });
    const terminationTokens = (refused.body as { conflicts: { terminationToken: string }[] }).conflicts.map(
      ({ terminationToken }) => terminationToken,
    );
    gateway.guard.decision = { decision: 'allow', usage, conflicts: [] };
    const json = { ...start, terminationTokens };
    expect((await gateway.request('POST', '/v1/playback-sessions', { json, token })).status).toBe(201);
    expect(gateway.log.heartbeats.at(-1)?.end).toHaveLength(MAX_CONFLICTS);
  });

  it('asks again with the same position when the owner does not answer', async () => {
    gateway.guard.silentFor = 1;
    const answer = await ask();
    expect(answer).toMatchObject({ status: 201, body: { checked: true } });
    const [first, second] = gateway.guard.asked as readonly { position: object }[];
    expect(second?.position).toEqual(first?.position);
  });

  it('lets the rule of the tenant decide when nobody answers: open, and marked unchecked', async () => {
    gateway.guard.silentFor = Infinity;
    const pending = ask();
    const answer = await advancing(pending);
    expect(answer).toMatchObject({ status: 201, body: { decision: 'allow', checked: false } });
    expect(answer.body).toHaveProperty('usage', { current: null, max: null });
    expect(gateway.parts.metrics.admissions.value('unchecked-allow')).toBe(1);
    expect(gateway.log.decisions).toEqual([audited('ALLOW')]);
  });

  it('lets the rule of the tenant decide when nobody answers: closed, 503', async () => {
    gateway.guard.silentFor = Infinity;
    const answer = await advancing(ask({ tenant: 'strict' }));
    expect(answer).toMatchObject({ status: 503, body: { type: '/problems/guard-unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(gateway.log.decisions).toEqual([audited('DENY')]);
    const [start, stop] = gateway.log.heartbeats;
    expect([start?.type, stop?.type, stop?.endReason]).toEqual(['START', 'STOP', 'guard-unavailable']);
    expect([stop?.session, stop?.account]).toEqual([start?.session, start?.account]);
  });

  it('was not answered for as long as the clock had gone back while nobody decided', async () => {
    gateway.guard.silentFor = Infinity;
    const pending = ask();
    const deadline = performance.now() + 30_000;
    while (gateway.guard.asked.length === 0 && performance.now() < deadline) await new Promise(setImmediate);
    gateway.setClockBack(3_600_000);
    const answer = await Promise.race([advancing(pending), sleep(20_000, 'none', { ref: false })]);
    // Ends what would go on for an hour.
    gateway.guard.silentFor = 0;
    await pending;
    expect(answer).toMatchObject({ status: 201, body: { checked: false } });
  });

  it('answers an unchecked start all the same when its record cannot be stored, and says so', async () => {
    gateway.guard.silentFor = Infinity;
    const pending = ask();
    const deadline = performance.now() + 30_000;
    while (gateway.guard.asked.length === 0 && performance.now() < deadline) await new Promise(setImmediate);
    gateway.log.away = true;
    expect(await advancing(pending)).toMatchObject({ status: 201, body: { checked: false } });
    const { session } = gateway.log.heartbeats.at(-1)!;
    expect(gateway.failures).toContainEqual({ err: expect.any(LogUnavailableError), tenant: 'demo', session });
  });

  it('leaves the record of a decision to the guard that made it', async () => {
    await ask();
    expect(gateway.log.decisions).toEqual([]);
  });

  it('admits nobody whose start cannot be stored', async () => {
    gateway.log.away = true;
    expect(await ask()).toMatchObject({ status: 503, body: { type: '/problems/log-unavailable' } });
    expect(gateway.guard.asked).toEqual([]);
  });

  it.each([
    ['no device', { device: undefined }, 'This one names no device.'],
    ['no profile', { profile: undefined }, 'This one names no profile.'],
    ['no account and no device', { account: undefined, device: undefined }, 'This one names no account, no device.'],
    ['another role', { roles: ['operator'] }, 'or one of role service.'],
  ])('refuses a token with %s', async (_name, claims, detail) => {
    const answer = await ask(claims);
    expect(answer).toMatchObject({ status: 403, body: { type: '/problems/viewer-needed' } });
    expect((answer.body as { detail: string }).detail).toMatch(new RegExp(`${detail}$`));
    expect(gateway.log.heartbeats).toEqual([]);
  });

  it('did not read the limit of a viewer’s token, which a rule may be about', async () => {
    await ask({ maxStreams: 3 });
    await ask({ maxStreams: 5000 });
    await ask();
    expect(gateway.log.heartbeats.map(({ tokenMaxStreams }) => tokenMaxStreams)).toEqual([3, 1000, null]);
  });

  it('takes a kind that it does not know as UNKNOWN', async () => {
    const { ticket } = (await ask({}, { contentId: 'x', kind: 'HOLOGRAM' })).body as Admission;
    expect(gateway.parts.tickets.verify(ticket).kind).toBe('UNKNOWN');
  });

  /** The clock stands still unless it is moved: moves it until the answer is there. */
  async function advancing<T>(answer: Promise<T>): Promise<T> {
    const timer = setInterval(() => (gateway.clock.now += 10), 1);
    return answer.finally(() => clearInterval(timer));
  }
});
