import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('POST /v1/evidence', () => {
  let gateway: TestGateway;

  beforeEach(async () => {
    gateway = await startTestGateway();
  });
  afterEach(() => gateway.close());

  const post = async (json: unknown) =>
    gateway.request('POST', '/v1/evidence', { json, token: await gateway.service() });

  it('writes what was seen under an id that a second sending has too, and answers the verdict', async () => {
    const seen = {
      account: 'acc-9',
      session: 's-9',
      kind: 'cdn-log',
      id: 'line-1',
      contentId: 'film-1',
      ttlMs: 9_000,
    };
    gateway.parts.blocked.block(
      { tenant: 'demo', account: 'acc-9', session: 's-9' },
      { verdict: 'stop', reason: 'limit' },
    );
    expect(await post(seen)).toMatchObject({
      status: 200,
      body: { session: 's-9', verdict: 'stop', reason: 'limit' },
    });
    await post([seen, { ...seen, id: 'line-2' }]);
    const [first, again, other] = gateway.log.heartbeats;
    expect(first).toMatchObject({
      type: 'EVIDENCE',
      source: 'SERVICE',
      account: 'acc-9',
      evidence: { kind: 'SEGMENT', countsAsEvent: false },
      leaseMs: 9_000,
      content: 'film-1',
      receivedTime: gateway.clock.now,
    });
    expect(again?.eventId).toBe(first?.eventId);
    expect(other?.eventId).not.toBe(first?.eventId);
  });

  it('keeps no stream alive by what was seen longer ago than it speaks for: an hour-old line held a slot', async () => {
    const seen = { account: 'a', session: 's', kind: 'manifest' };
    const ago = (ms: number) => gateway.clock.now - ms;
    await post([
      { ...seen, id: '1', observedAt: ago(29_999) },
      { ...seen, id: '2', observedAt: ago(30_000) },
      { ...seen, id: '3', observedAt: ago(30_000), ttlMs: 40_000 },
      { ...seen, id: '4', observedAt: ago(-5_000) },
    ]);
    expect(gateway.log.heartbeats.map(({ late }) => late)).toEqual([false, true, false, false]);
  });

  it('counts from when something was seen how long it speaks for its stream: what was told late held a slot twice as long', async () => {
    const seen = { account: 'a', session: 's', kind: 'manifest' };
    const ago = (ms: number) => gateway.clock.now - ms;
    await post([
      { ...seen, id: '1', observedAt: ago(29_000) },
      { ...seen, id: '2', observedAt: ago(29_000), ttlMs: 40_000 },
      { ...seen, id: '3', observedAt: ago(-5_000), ttlMs: 40_000 },
      { ...seen, id: '4' },
    ]);
    expect(gateway.log.heartbeats.map(({ leaseMs }) => leaseMs)).toEqual([1_000, 11_000, 40_000, null]);
  });

  it('says of a stream what policies read: no rule by channel, rights holder or territory was about what only a back end sees', async () => {
    const said = {
      deviceClass: 'TV',
      deviceType: 'apple-tv',
      channel: 'one',
      rightsHolder: 'studio',
      package: 'sport',
      territory: 'DE',
      location: 'place-1',
      home: false,
      adSupported: true,
      appId: 'app',
      exempt: true,
    };
    await post([
      { account: 'a', session: 's', kind: 'playback-url', id: '1', ...said },
      { account: 'a', session: 't', kind: 'playback-url', id: '1' },
    ]);
    expect(gateway.log.heartbeats).toMatchObject([said, { channel: null, home: null, exempt: false }]);
  });

  it('refuses a content id that is an e-mail address, as a start does', async () => {
    const seen = { account: 'a', session: 's', kind: 'manifest', id: '1', contentId: 'kim@mail.example' };
    const errors = [{ pointer: '/1/contentId', code: 'email' }];
    expect(await post([{ ...seen, contentId: 'film-1' }, seen])).toMatchObject({ status: 400, body: { errors } });
  });

  it('names each field that is wrong', async () => {
    const answer = await post([
      { account: 'a@b.example', session: 's', kind: 'licence', id: '1' },
      { account: 'a', session: 's', kind: 'guess', id: '1' },
    ]);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/1/kind' }] } });
    const email = await post({ account: 'a@b.example', session: 's', kind: 'licence', id: '1' });
    expect(email).toMatchObject({ status: 400, body: { errors: [{ pointer: '/account', code: 'id' }] } });
    expect(gateway.log.heartbeats).toEqual([]);
  });

  it('takes what is of other accounts when one sends more than it may: the whole post was refused', async () => {
    await gateway.close();
    gateway = await startTestGateway({ GATEWAY_ACCOUNT_ITEMS_PER_SECOND: '1', GATEWAY_ACCOUNT_BURST: '1' });
    const of = (account: string, id: string) => ({ account, session: `s-${account}`, kind: 'manifest', id });
    const answer = await post([of('loud', '1'), of('loud', '2'), of('quiet', '3')]);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual([
      { session: 's-loud', verdict: 'continue' },
      { session: 's-loud', verdict: 'continue', refused: 'rate-limit', retryAfterMs: 1000 },
      { session: 's-quiet', verdict: 'continue' },
    ]);
    expect(gateway.log.heartbeats.map(({ account }) => account)).toEqual(['loud', 'quiet']);
    expect(gateway.parts.metrics.reports.value('evidence')).toBe(2);
    expect(gateway.parts.metrics.rateLimited.value('account')).toBe(1);
    const refused = await post([of('loud', '2'), of('quiet', '4')]);
    expect(refused).toMatchObject({ status: 429, body: { scope: 'account', retryAfterMs: 1000 } });
    expect(gateway.log.heartbeats.length).toBe(2);
  });
});
