import { nativeEventId } from '@playhead/event-schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sessionView } from '../testing/fakes.ts';
import { startTestGateway, VIEWER } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    GATEWAY_DECISION_TRY_MS: '20',
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

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

  it('terminates a session of a viewer’s own account, whose player was never told, and answers 404 for another account’s', async () => {
    gateway.guard.known.set('demo/acc-1/s-1', sessionView('s-1', gateway.clock.now));
    gateway.guard.known.set('demo/acc-2/s-2', sessionView('s-2', gateway.clock.now));
    const token = await gateway.viewer();
    expect((await gateway.request(method, path('s-1'), { token })).status).toBe(204);
    const other = await gateway.request(method, path('s-2'), { token });
    expect(other).toMatchObject({ status: 404, body: { type: '/problems/session-unknown' } });
    expect(gateway.log.heartbeats).toMatchObject([
      { type: 'TERMINATE', account: 'acc-1', session: 's-1', endedBy: 'viewer' },
    ]);
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
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'TERMINATE', session: 's-1' }]);
    expect(gateway.log.placesAsked).toMatchObject([{ tenant: 'demo', account: 'acc-1' }]);
    const end = { topic: 'playback.heartbeats', partition: 0, offset: -1 };
    expect(gateway.guard.asked).toMatchObject([{ session: 's-1' }, { session: 's-1', position: end }]);
    expect(gateway.guard.asked[0]).not.toHaveProperty('position');
  });

  it.each([
    ['starts may wait on this gateway’s disk', () => (gateway.log.waits = true)],
    ['the guard does not get to the end of the log in time', () => (gateway.guard.isBehind = true)],
    ['the end of the log is not told', () => (gateway.log.endIsUntold = true)],
  ])('writes the stop of a session that is not known while %s', async (_name, arrange) => {
    arrange();
    const { status } = await gateway.request(method, path('s-1'), { token: await gateway.viewer() });
    expect(status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'TERMINATE', session: 's-1' }]);
  });

  it('writes the stop although the guard does not answer', async () => {
    gateway.guard.silentFor = 1;
    expect((await gateway.request(method, path('s-9'), { token: await gateway.viewer() })).status).toBe(204);
    expect(gateway.log.heartbeats).toMatchObject([{ type: 'TERMINATE', session: 's-9' }]);
  });
});
