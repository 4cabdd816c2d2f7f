import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenError } from '@playhead/service-kit';
import { startTestGateway } from './testing/gateway-harness.ts';
import type { TestGateway } from './testing/gateway-harness.ts';

describe('what a gateway logs of its answers 503', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ GATEWAY_MAX_EVENT_STREAMS: '0' });
  });
  afterAll(() => gateway.close());

  it('was an error for each caller who was told that all event streams are taken: it is none', async () => {
    const token = await gateway.viewer();
    const { status } = await gateway.request('GET', '/v1/accounts/acc-1/verdict-events', { token });
    expect([status, gateway.failures]).toEqual([503, []]);
  });

  it('was an error for each token while the keys of its issuer cannot be read, whoever sent it: it is one a minute', async () => {
    gateway.parts.tokens.verify = async () => {
      throw new TokenError('token-unverifiable', 'keys are away');
    };
    const ask = async () => {
      expect((await gateway.request('GET', '/v1/policies', { token: 'x' })).status).toBe(503);
      return gateway.failures.length;
    };
    expect([await ask(), await ask()]).toEqual([1, 1]);
    gateway.clock.now += 60_000;
    expect(await ask()).toBe(2);
  });
});
