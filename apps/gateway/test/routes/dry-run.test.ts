import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_CONFLICTS } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('a dry run', () => {
  let gateway: TestGateway;
  const asked: Parameters<ConcurrencyGuard['dryRun']>[0]['start'][] = [];

  beforeEach(async () => {
    asked.length = 0;
    gateway = await startTestGateway();
    const { dryRun } = gateway.guard;
    gateway.guard.dryRun = (request) => {
      asked.push(request.start);
      return dryRun.call(gateway.guard, request);
    };
  });
  afterEach(() => gateway.close());

  const post = async (json: object) =>
    gateway.request('POST', '/v1/accounts/acc-1/dry-run', { json, token: await gateway.operator() });

  it('asked about a download as about a stream', async () => {
    expect((await post({ contentId: 'film-1', downloaded: true })).status).toBe(200);
    expect(asked).toMatchObject([{ content: 'film-1', downloaded: true }]);
  });

  it('may end as many streams as a refusal lists, and no more', async () => {
    const sessions = (count: number): string[] => Array.from({ length: count }, (_, n) => `s-${n}`);
    expect((await post({ end: sessions(MAX_CONFLICTS) })).status).toBe(200);
    expect(asked[0]?.end).toHaveLength(MAX_CONFLICTS);
    expect((await post({ end: sessions(MAX_CONFLICTS + 1) })).status).toBe(400);
  });
});
