import { describe, expect, it } from '@jest/globals';
import { newTenantSettings } from '@playhead/event-schemas';
import { cmcdUrl } from '../../src/routes/cmcd-url.ts';
import type { Call } from '../../src/http/route.ts';
import { startTestGateway } from '../testing/gateway-harness.ts';

const PATH = '/v1/cmcd?ticket=t-1&interval=10';

function url(headers: Call['headers'], options: { trusted?: boolean; publicUrl?: string } = {}): string {
  const call = { headers, fromTrustedProxy: options.trusted ?? false } as Call;
  return cmcdUrl(call, { ticket: 't-1', intervalMs: 10_000 }, { GATEWAY_PUBLIC_URL: options.publicUrl });
}

describe('cmcdUrl', () => {
  it('named the interval of the installation where the tenant has its own, so that the lease ended between two reports', async () => {
    const gateway = await startTestGateway();
    gateway.parts.rules.applySettings(
      'demo',
      newTenantSettings({ tenant: 'demo', updatedAt: 0, heartbeatIntervalMs: 30_000 }),
    );
    const json = { contentId: 'film-1', kind: 'VOD' };
    const { body } = await gateway.request('POST', '/v1/playback-sessions', { json, token: await gateway.viewer() });
    expect(body).toMatchObject({
      heartbeat: { intervalMs: 30_000 },
      cmcdUrl: expect.stringMatching(/&interval=30$/),
    });
    await gateway.close();
  });

  it('is a path, whatever the client says about hosts', () => {
    expect(url({ host: 'evil.example', 'x-forwarded-host': 'evil.example' })).toBe(PATH);
  });

  it('is absolute when the installation says its address', () => {
    expect(url({ host: 'x' }, { publicUrl: 'https://play.example' })).toBe(`https://play.example${PATH}`);
  });

  it.each([
    [{ 'x-forwarded-host': 'play.example', 'x-forwarded-proto': 'https' }, `https://play.example${PATH}`],
    [
      { 'x-forwarded-host': 'play.example:8443, inner.example', 'x-forwarded-proto': 'http, http' },
      `http://play.example:8443${PATH}`,
    ],
    [{ 'x-forwarded-host': 'play.example' }, `https://play.example${PATH}`],
    [{ 'x-forwarded-host': 'a/b' }, PATH],
    [{ 'x-forwarded-host': 'user@play.example' }, PATH],
    [{ 'x-forwarded-host': 'play.example', 'x-forwarded-proto': 'javascript' }, PATH],
    [{}, PATH],
  ])('takes the address from a trusted proxy: %j', (headers, expected) => {
    expect(url(headers, { trusted: true })).toBe(expected);
  });
});
