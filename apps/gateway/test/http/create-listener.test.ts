import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';
import { RawClient } from '../testing/raw-client.ts';

describe('routes in front of express', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each(['/v1/playback-sessions', '/v1/authorization', '/v1/policies'])(
    'answered HEAD of %s with 405 and HEAD in Allow: it is as GET',
    async (path) => {
      const authorization = `Bearer ${await gateway.operator()}`;
      const ask = (method: string) => fetch(`${gateway.origin}${path}`, { method, headers: { authorization } });
      const [head, get] = [await ask('HEAD'), await ask('GET')];
      expect(head.status).toBe(get.status);
      expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
      expect(await head.text()).toBe('');
    },
  );

  it('were not found by an address in absolute form, which every server has to take', async () => {
    const client = new RawClient(Number(new URL(gateway.origin).port));
    const body = JSON.stringify(beat());
    client.send(
      `POST http://gateway/v1/heartbeats HTTP/1.1\r\nHost: gateway\r\nPlayback-Ticket: ${gateway.ticketOf()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect((await client.answer()).status).toBe(200);
    client.socket.destroy();
  });
});
