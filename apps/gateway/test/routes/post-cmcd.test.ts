import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_RATE_LIMITED_LETTERS_PER_SECOND } from '../../src/create-parts.ts';
import { captures, linesOf } from '../cmcd/captures.ts';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const CMCD: Record<string, string> = { 'content-type': 'application/cmcd' };
const line = (sn: number, more = 'e=t') => `${more},sid="abc",sn=${sn},ts=${1_795_258_000_000 + sn},v=2`;

describe('POST /v1/cmcd', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({
      GATEWAY_MAX_BODY_BYTES: '8KiB',
      GATEWAY_MAX_CMCD_LINES: '20',
      GATEWAY_MAX_CMCD_LINE_LENGTH: '2048',
      GATEWAY_SESSION_BURST: '1000',
    });
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    for (const records of [gateway.log.heartbeats, gateway.log.events, gateway.log.deadLetters]) records.length = 0;
    gateway.log.away = false;
  });

  const post = (body: string | Buffer, { query = '&interval=10', headers = CMCD, session = 'session-1' } = {}) =>
    gateway.request('POST', `/v1/cmcd?ticket=${gateway.ticketOf({ session })}${query}`, { body, headers });

  it('answers 204 without a body and keeps the order of the lines', async () => {
    const answer = await post(`${line(2)}\n${line(0, 'e=ps,sta=p')}\n${line(1)}\n`);
    expect(answer.status).toBe(204);
    expect(answer.body).toBe('');
    expect(gateway.log.heartbeats.map(({ type, cmcd }) => [type, cmcd?.sn])).toEqual([
      ['BEAT', 2],
      ['EVIDENCE', 0],
      ['BEAT', 1],
    ]);
    expect(gateway.log.events.map(({ type }) => type)).toEqual(['STATE_CHANGE']);
  });

  it('takes every captured body of every player as it is and loses no line', async () => {
    for (const capture of captures) {
      gateway.log.heartbeats.length = 0;
      for (const { body = '', headers } of capture.posts) {
        const answer = await post(body, {
          headers: { 'content-type': headers['content-type'] ?? '' },
          session: capture.name,
        });
        expect(answer.status).toBe(204);
      }
      expect(gateway.log.heartbeats).toHaveLength(linesOf(capture).length);
    }
    expect(gateway.log.deadLetters).toEqual([]);
    expect(gateway.failures).toEqual([]);
  });

  it.each(['sta=constructor', 'sta=toString', 'e=constructor,sta=p', 'e=valueOf,sta=p'])(
    'takes %s, words that every object has, for unknown ones: they were answered 500',
    async (words) => {
      expect((await post(line(1, words))).status).toBe(204);
      expect(gateway.log.heartbeats).toHaveLength(1);
      expect(gateway.failures).toEqual([]);
    },
  );

  it.each([
    ['the address asks', '&interval=10&answer=json', CMCD],
    ['the Accept header asks', '&interval=10', { ...CMCD, accept: 'application/json, text/plain' }],
  ])('answers 200 and the verdict when %s', async (_name, query, headers) => {
    gateway.parts.blocked.block(
      { tenant: 'demo', account: 'acc-1', session: 'stopped' },
      { verdict: 'stop', reason: 'concurrency-limit' },
    );
    const allowed = await post(line(0), { query, headers });
    expect(allowed).toMatchObject({ status: 200 });
    expect(allowed.body).toEqual({ verdict: 'continue', nextBeatInMs: 10_000, serverTime: gateway.clock.now });
    const stopped = await post(line(0), { query, headers, session: 'stopped' });
    expect(stopped).toMatchObject({ status: 200, body: { verdict: 'stop', reason: 'concurrency-limit' } });
  });

  it.each([
    ['10', 10_000],
    ['2.5', 2_500],
    ['', null],
    ['0', null],
    ['-3', null],
    ['soon', null],
    ['86400', null],
  ])('takes interval=%s as %s ms', async (interval, expected) => {
    await post(line(0), { query: `&interval=${interval}` });
    expect(gateway.log.heartbeats[0]?.intervalMs).toBe(expected);
  });

  it('counts refused lines, keeps them as dead letters with the reason, and still answers 204', async () => {
    const before = gateway.parts.metrics.refusedLines.value('no-key');
    const answer = await post(`${line(0)}\n{"e":"t"}\nsid="open\n${line(1)}\n`);
    expect(answer.status).toBe(204);
    expect(gateway.log.heartbeats).toHaveLength(2);
    expect(gateway.log.deadLetters).toEqual([
      expect.objectContaining({
        tenant: 'demo',
        account: 'acc-1',
        session: 'session-1',
        line: '{"e":"t"}',
        reason: 'no-key',
      }),
      expect.objectContaining({ line: 'sid="open', reason: 'unclosed-quote' }),
    ]);
    expect(gateway.parts.metrics.refusedLines.value('no-key')).toBe(before + 1);
  });

  it.each([
    ['nothing', ''],
    ['noise', Buffer.from([0, 255, 254, 10, 7, 34])],
    ['JSON', '{"events":[]}'],
  ])('answers %s 204 too, and the next good line goes through', async (_name, body) => {
    expect((await post(body, { headers: { 'content-type': 'application/json' } })).status).toBe(204);
    expect(gateway.log.heartbeats).toEqual([]);
    expect((await post(line(0))).status).toBe(204);
    expect(gateway.log.heartbeats).toHaveLength(1);
  });

  it('cuts what is too much, counts it and answers 204', async () => {
    const { refusedLines } = gateway.parts.metrics;
    const many = Array.from({ length: 25 }, (_, sn) => line(sn)).join('\n');
    expect((await post(many)).status).toBe(204);
    expect(gateway.log.heartbeats).toHaveLength(20);
    expect(refusedLines.value('too-many-lines')).toBe(5);
    expect((await post(`${line(0)}\n${line(1, `e=t,x="${'y'.repeat(9000)}"`)}`)).status).toBe(204);
    expect(gateway.log.heartbeats).toHaveLength(21);
    expect(refusedLines.value('body-too-large')).toBe(1);
  });

  it('keeps lines of a session that sends more than it may as dead letters, which were lost, up to a bound', async () => {
    const { refusedLines, deadLetters } = gateway.parts.metrics;
    const twenty = Array.from({ length: 20 }, (_, sn) => line(sn)).join('\n');
    const flood = () => post(twenty, { session: 'flood' });
    for (let sent = 0; sent < 50; sent++) await flood();
    const stored = gateway.log.heartbeats.length;
    expect((await flood()).status).toBe(204);
    expect(gateway.log.heartbeats).toHaveLength(stored);
    expect(refusedLines.value('rate-limited')).toBe(20);
    expect(gateway.log.deadLetters).toHaveLength(20);
    expect(gateway.log.deadLetters[3]).toMatchObject({ session: 'flood', line: line(3), reason: 'rate-limited' });
    expect(deadLetters.value('dropped')).toBe(0);
    const posts = MAX_RATE_LIMITED_LETTERS_PER_SECOND / 20;
    for (let sent = 0; sent < posts; sent++) expect((await flood()).status).toBe(204);
    expect(gateway.log.deadLetters).toHaveLength(MAX_RATE_LIMITED_LETTERS_PER_SECOND);
    expect(deadLetters.value('dropped')).toBe(20);
    expect(refusedLines.value('rate-limited')).toBe(MAX_RATE_LIMITED_LETTERS_PER_SECOND + 20);
  });

  it('answers 503 only when nothing can be stored', async () => {
    gateway.log.away = true;
    const answer = await post(line(0));
    expect(answer).toMatchObject({ status: 503, body: { type: '/problems/log-unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('2');
  });
});
