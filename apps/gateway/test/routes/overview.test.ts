import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

describe('GET /v1/overview', () => {
  it('shows an operator what goes on in the tenant, and nothing of another', async () => {
    gateway.parts.blocked.block({ tenant: 'demo', account: 'acc-1', session: 's-2' }, { verdict: 'stop' });
    for (const session of ['s-1', 's-2', 's-3']) {
      await gateway.request('POST', '/v1/heartbeats', { json: beat(), ticket: gateway.ticketOf({ session }) });
    }
    await gateway.request('POST', '/v1/playback-sessions/s-3/stop', { ticket: gateway.ticketOf({ session: 's-3' }) });
    gateway.guard.decision = { decision: 'deny', usage: { current: 2, max: 2 }, conflicts: [] };
    await gateway.request('POST', '/v1/playback-sessions', {
      json: { contentId: 'x', kind: 'VOD' },
      token: await gateway.viewer(),
    });
    gateway.clock.now += 1000;
    const answer = await gateway.request('GET', '/v1/overview', { token: await gateway.operator() });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      beatsPerSecond: 0.6,
      history: [...Array.from({ length: 59 }, () => 0), 3],
      liveStreams: 1,
      blockedStreams: 2,
      refusedStarts: 1,
      dataDirectoryBytes: 4096,
      adminPort: 8090,
      tenant: 'demo',
      serverTime: gateway.clock.now,
    });
    const other = await gateway.request('GET', '/v1/overview', { token: await gateway.operator({ tenant: 'other' }) });
    expect(other.body).toMatchObject({ liveStreams: 0, blockedStreams: 0, refusedStarts: 0, beatsPerSecond: 0 });
  });

  it('is for operators', async () => {
    const answer = await gateway.request('GET', '/v1/overview', { token: await gateway.viewer() });
    expect(answer).toMatchObject({ status: 403, body: { type: '/problems/role-needed' } });
  });
});

describe('GET /demo/tokens', () => {
  it('gives the page tokens that the gateway accepts', async () => {
    const { body } = await gateway.request('GET', '/demo/tokens?account=acc-7&device=browser-1');
    const { operator, viewer } = body as { operator: string; viewer: string };
    expect(await gateway.parts.tokens.verify(operator)).toMatchObject({ tenant: 'demo', roles: ['operator'] });
    expect(await gateway.parts.tokens.verify(viewer)).toMatchObject({
      account: 'acc-7',
      device: 'browser-1',
      roles: ['viewer'],
    });
    expect((await gateway.request('GET', '/demo/tokens')).body).not.toHaveProperty('viewer');
  });

  it('carries no CORS header, so that no other site’s page reads it', async () => {
    const answer = await gateway.request('GET', '/demo/tokens', { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
