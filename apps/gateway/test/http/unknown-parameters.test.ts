import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('parameters of a query that a route does not know', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  const ignoredBy = async (work: () => Promise<{ readonly status: number }>) => {
    const { unknownFields } = gateway.parts.metrics;
    const before = unknownFields.value('query');
    const { status } = await work();
    return { status, ignored: unknownFields.value('query') - before };
  };

  it('are counted as unknown fields of bodies are: they were ignored silently', async () => {
    const ticket = gateway.ticketOf();
    const token = await gateway.operator();
    const post = (query: string) => gateway.request('POST', `/v1/heartbeats?${query}`, { json: beat(), ticket });
    expect(await ignoredBy(() => post('mood=good&constructor=1'))).toEqual({ status: 200, ignored: 2 });
    const search = (query: string) => gateway.request('GET', `/v1/playback-sessions?${query}`, { token });
    expect(await ignoredBy(() => search('acount=acc-1'))).toEqual({ status: 200, ignored: 1 });
    expect(await ignoredBy(() => search('limit=none&mood=good'))).toEqual({ status: 400, ignored: 1 });
  });

  it('are none of those that it documents', async () => {
    const ticket = gateway.ticketOf();
    const token = await gateway.operator();
    const cmcd = `/v1/cmcd?ticket=${ticket}&interval=10&answer=json`;
    const none = { status: 200, ignored: 0 };
    expect(await ignoredBy(() => gateway.request('POST', cmcd, { body: '' }))).toEqual(none);
    const search = '/v1/playback-sessions?account=acc-1&limit=5';
    expect(await ignoredBy(() => gateway.request('GET', search, { token }))).toEqual(none);
  });
});
