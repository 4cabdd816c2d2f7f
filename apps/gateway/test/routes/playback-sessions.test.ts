import { nativeEventId, newPlaybackDecision } from '@playhead/event-schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import { sessionView } from '../testing/fakes.ts';
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
beforeEach(() => {
  gateway.log.heartbeats.length = 0;
  gateway.log.decisions.length = 0;
  gateway.log.away = false;
  gateway.log.waits = false;
  gateway.log.placesAsked.length = 0;
  gateway.guard.asked.length = 0;
  gateway.guard.silentFor = 0;
  gateway.guard.known.clear();
  gateway.guard.unread.clear();
  gateway.guard.isBehind = false;
  gateway.guard.decision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
});

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

describe.each([
  ['DELETE', ''],
  ['POST', '/stop'],
])('stopping a session by %s …%s', (method, suffix) => {
  const path = (session: string, query = '') => `/v1/playback-sessions/${session}${suffix}${query}`;

  it('stops the session of a ticket, again and again, in the log of beats', async () => {
    const ticket = gateway.ticketOf();
    const first = await gateway.request(method, path('session-1'), { ticket });
    const second = await gateway.request(method, path('session-1'), { ticket });
    expect([first.status, second.status]).toEqual([204, 204]);
    expect(first.body).toBe('');
    expect(gateway.log.heartbeats).toMatchObject([
      { ...VIEWER, type: 'STOP', session: 'session-1', endReason: 'stopped' },
      { eventId: nativeEventId({ session: 'session-1', type: 'STOP', sequence: 0 }) },
    ]);
  });

  it('takes the ticket of a beacon from the address', async () => {
    const beacon = method === 'POST' ? { body: 'bye', headers: { 'content-type': 'text/plain' } } : {};
    const answer = await gateway.request(method, path('session-1', `?ticket=${gateway.ticketOf()}`), beacon);
    expect(answer.status).toBe(204);
  });

  it('refuses the ticket of another session', async () => {
    const answer = await gateway.request(method, path('session-2'), { ticket: gateway.ticketOf() });
    expect(answer).toMatchObject({ status: 403, body: { type: '/problems/other-session' } });
    expect(gateway.log.heartbeats).toEqual([]);
  });

  it('stops a session of a viewer’s own account, and answers 404 for another account’s', async () => {
    gateway.guard.known.set('demo/acc-1/s-1', sessionView('s-1', gateway.clock.now));
    gateway.guard.known.set('demo/acc-2/s-2', sessionView('s-2', gateway.clock.now));
    const token = await gateway.viewer();
    expect((await gateway.request(method, path('s-1'), { token })).status).toBe(204);
    const other = await gateway.request(method, path('s-2'), { token });
    expect(other).toMatchObject({ status: 404, body: { type: '/problems/session-unknown' } });
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'STOP', account: 'acc-1', session: 's-1' }]);
  });

  it('lets an operator terminate a session of the account that it names', async () => {
    gateway.guard.known.set('demo/acc-1/s-1', sessionView('s-1', gateway.clock.now));
    const token = await gateway.operator();
    expect(await gateway.request(method, path('s-1'), { token })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '?account', code: 'required' }] },
    });
    expect((await gateway.request(method, path('s-1', '?account=acc-1'), { token })).status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'TERMINATE', session: 's-1', endedBy: 'operator' }]);
  });

  it('a session that the guard had not read of yet was answered 404: it is asked again once it has read the log to its end', async () => {
    gateway.guard.unread.set('demo/acc-1/s-1', sessionView('s-1', gateway.clock.now));
    const token = await gateway.viewer();
    expect((await gateway.request(method, path('s-1'), { token })).status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'STOP', session: 's-1' }]);
    expect(gateway.log.placesAsked).toMatchObject([{ tenant: 'demo', account: 'acc-1' }]);
    const end = { topic: 'playback.heartbeats', partition: 0, offset: -1 };
    expect(gateway.guard.asked).toMatchObject([{ session: 's-1' }, { session: 's-1', position: end }]);
    expect(gateway.guard.asked[0]).not.toHaveProperty('position');
  });

  it.each([
    ['starts may wait on this gateway’s disk', () => (gateway.log.waits = true)],
    ['the guard does not get to the end of the log in time', () => (gateway.guard.isBehind = true)],
    ['the end of the log is not told', () => (gateway.log.newestHeartbeat = () => new Promise(() => undefined))],
  ])('writes the stop of a session that is not known while %s', async (_name, arrange) => {
    const { newestHeartbeat } = gateway.log;
    arrange();
    const { status } = await gateway.request(method, path('s-1'), { token: await gateway.viewer() });
    gateway.log.newestHeartbeat = newestHeartbeat;
    expect(status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'STOP', session: 's-1' }]);
  });

  it('writes the stop although the guard does not answer', async () => {
    gateway.guard.silentFor = 1;
    expect((await gateway.request(method, path('s-9'), { token: await gateway.viewer() })).status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'STOP', session: 's-9' }]);
  });
});

describe('GET /v1/playback-sessions/{session}', () => {
  const get = (session: string, credentials: object, query = '') =>
    gateway.request('GET', `/v1/playback-sessions/${session}${query}`, credentials);

  beforeEach(() => {
    gateway.guard.known.set('demo/acc-1/session-1', sessionView('session-1', gateway.clock.now));
  });

  it('shows a session to its ticket, its account and an operator, as the guard sees it', async () => {
    const view = sessionView('session-1', gateway.clock.now);
    for (const answer of [
      await get('session-1', { ticket: gateway.ticketOf() }),
      await get('session-1', { token: await gateway.viewer() }),
      await get('session-1', { token: await gateway.operator() }, '?account=acc-1'),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(view);
    }
  });

  it('shows nothing of another session, account or tenant', async () => {
    const token = await gateway.viewer({ account: 'acc-2' });
    expect((await get('session-1', { token })).status).toBe(404);
    expect((await get('session-1', { token: await gateway.viewer({ tenant: 'other' }) })).status).toBe(404);
    expect((await get('session-1', { token }, '?account=acc-1')).status).toBe(403);
    expect((await get('session-2', { ticket: gateway.ticketOf() })).status).toBe(403);
    expect(
      (await get('session-1', { token: await gateway.operator({ tenant: 'other' }) }, '?account=acc-1')).status,
    ).toBe(404);
    expect((await get('session-1', { token: await gateway.viewer({ roles: ['analyst'] }) })).status).toBe(403);
  });

  it('answers 404 for a session never seen and 503 when the guard does not answer', async () => {
    const token = await gateway.viewer();
    expect(await get('never', { token })).toMatchObject({ status: 404, body: { type: '/problems/session-unknown' } });
    expect((await get('x'.repeat(129), { token })).status).toBe(404);
    gateway.guard.silentFor = 1;
    expect(await get('session-1', { token })).toMatchObject({
      status: 503,
      body: { type: '/problems/guard-unavailable' },
    });
  });

  it('a start that was acknowledged a moment ago was answered 404 while the guard was behind the log', async () => {
    const view = sessionView('s-1', gateway.clock.now);
    gateway.guard.unread.set('demo/acc-1/s-1', view);
    const token = await gateway.viewer();
    expect(await get('s-1', { token })).toMatchObject({ status: 200, body: view });
    const end = { topic: 'playback.heartbeats', partition: 0, offset: -1 };
    expect(gateway.guard.asked).toMatchObject([{ session: 's-1' }, { session: 's-1', position: end }]);
    gateway.guard.asked.length = 0;
    await get('s-1/decision', { token });
    const [explained, known, again] = gateway.guard.asked;
    expect([explained, known, again]).toMatchObject([{ session: 's-1' }, { position: end }, { session: 's-1' }]);
  });

  it.each([
    ['starts wait on this gateway’s disk', () => (gateway.log.waits = true)],
    ['the end of the log is not told', () => (gateway.log.away = true)],
    ['the guard does not get to the end of the log in time', () => (gateway.guard.isBehind = true)],
  ])('answers 503 for a session that is not known while %s', async (_name, arrange) => {
    arrange();
    const token = await gateway.viewer();
    for (const path of ['s-1', 's-1/decision']) {
      const answer = await get(path, { token });
      expect(answer).toMatchObject({ status: 503, body: { type: '/problems/guard-unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('2');
    }
  });
});
