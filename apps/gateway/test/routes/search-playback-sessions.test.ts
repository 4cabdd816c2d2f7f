import { sessionKey } from '@playhead/event-schemas';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('GET /v1/playback-sessions', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it('ended with 400 behind a session of the longest ids in characters of three bytes: its next is taken', async () => {
    const after = sessionKey('a'.repeat(32), '世'.repeat(128), '界'.repeat(128));
    const token = await gateway.operator({ tenant: 'a'.repeat(32) });
    const path = `/v1/playback-sessions?after=${encodeURIComponent(after)}`;
    const { status } = await gateway.request('GET', path, { token });
    expect({ status, length: after.length }).toEqual({ status: 200, length: 2338 });
    expect(gateway.guard.asked.at(-1)).toMatchObject({ after });
  });
  it('refused to look for a content id of more than 64 emoji, with which a stream may start', async () => {
    const contentId = '🎬'.repeat(128);
    const started = await gateway.request('POST', '/v1/playback-sessions', {
      json: { contentId, kind: 'VOD' },
      token: await gateway.viewer(),
    });
    const search = async (content: string) => {
      const path = `/v1/playback-sessions?content=${encodeURIComponent(content)}`;
      return (await gateway.request('GET', path, { token: await gateway.operator() })).status;
    };
    expect([started.status, await search(contentId), await search(`${contentId}x`)]).toEqual([201, 200, 400]);
    expect(gateway.guard.asked.at(-1)).toMatchObject({ filter: { content: contentId } });
  });
});
