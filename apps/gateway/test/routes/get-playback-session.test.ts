import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sessionView } from '../testing/fakes.ts';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    GATEWAY_DECISION_TRY_MS: '20',
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

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
