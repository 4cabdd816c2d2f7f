import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const ORIGIN = 'https://player.example';

describe('CORS', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each([
    ['/v1/cmcd', 'POST'],
    ['/v1/heartbeats', 'POST'],
    ['/v1/events', 'POST'],
    ['/v1/playback-sessions', 'POST'],
    ['/v1/playback-sessions/s-1', 'DELETE'],
    ['/v1/playback-sessions/s-1/stop', 'POST'],
  ])('answers a preflight for %s, for two hours, with the origin echoed and credentials', async (path, method) => {
    const answer = await gateway.request('OPTIONS', path, {
      headers: {
        origin: ORIGIN,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,playback-ticket',
      },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type, authorization, playback-ticket, last-event-id',
      'access-control-max-age': '7200',
      vary: 'Origin',
    });
    expect(answer.headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
  });

  it('lets a page read every answer of a player route, refusals too', async () => {
    const headers = { origin: ORIGIN };
    const answers = [
      await gateway.request('POST', '/v1/cmcd', { headers, body: 'e=t', ticket: gateway.ticketOf() }),
      await gateway.request('POST', '/v1/cmcd', { headers, body: 'e=t' }),
      await gateway.request('POST', '/v1/heartbeats', { headers, body: '{', ticket: gateway.ticketOf() }),
      await gateway.request('PUT', '/v1/heartbeats', { headers }),
      await gateway.request('GET', '/v1/playback-sessions/s-1', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 401, 400, 405, 401]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  it('opens no operator’s route to other origins', async () => {
    const answer = await gateway.request('GET', '/v1/overview', {
      headers: { origin: ORIGIN },
      token: await gateway.operator(),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const options = await gateway.request('OPTIONS', '/v1/overview', { headers: { origin: ORIGIN } });
    expect(options.status).toBe(405);
    expect(options.headers.get('allow')).toBe('GET, HEAD');
  });
});
