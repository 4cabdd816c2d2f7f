import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const PATH = '/v1/accounts/acc-1/verdict-events';

describe('verdict events', () => {
  let gateway: TestGateway;

  beforeEach(async () => {
    gateway = await startTestGateway({
      GATEWAY_MAX_EVENT_STREAMS: '2',
      GATEWAY_EVENT_STREAM_COMMENT_MS: '100',
      GATEWAY_MAX_KEPT_VERDICTS: '2',
    });
  });
  afterEach(async () => {
    gateway.parts.feed.close();
    await gateway.close();
  });

  const change = (offset: number, session: string, account = 'acc-1', tenant = 'demo') =>
    gateway.parts.feed.publish({ tenant, account, session, verdict: 'stop', decidedAt: 1, partition: 3, offset });

  /** Opens a stream; `until` reads on until the text has a piece. */
  const open = async (headers: Readonly<Record<string, string>> = {}) => {
    const ending = new AbortController();
    const authorization = `Bearer ${await gateway.viewer()}`;
    const given = 'playback-ticket' in headers ? headers : { authorization, ...headers };
    const response = await fetch(`${gateway.origin}${PATH}`, { headers: given, signal: ending.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (piece: string): Promise<string> => {
      while (!text.includes(piece)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`ended before ${piece}: ${text}`);
        text += value;
      }
      return text;
    };
    return { response, until, end: () => ending.abort() };
  };

  it('tell the changes of the account, and of no other', async () => {
    const stream = await open();
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await stream.until('retry: 3000');
    change(1, 's-other', 'acc-2');
    change(2, 's-foreign', 'acc-1', 'other');
    change(3, 's-1');
    const text = await stream.until('s-1');
    expect(text).toContain('id: 3-3\nevent: verdict\ndata: {"session":"s-1","verdict":"stop","decidedAt":1}');
    expect(text).not.toMatch(/s-other|s-foreign/);
    stream.end();
  });

  it('say that they are there while nothing happens', async () => {
    const stream = await open();
    await stream.until('\n:\n');
    stream.end();
  });

  it('tell a ticket of its own session only', async () => {
    const stream = await open({ 'playback-ticket': gateway.ticketOf() });
    await stream.until('retry');
    change(1, 's-2');
    change(2, 'session-1');
    expect(await stream.until('session-1')).not.toContain('s-2');
    stream.end();
  });

  it('go on where a connection ended, and say when something may be missing', async () => {
    change(1, 's-1');
    change(2, 's-2');
    change(3, 's-3');
    const stream = await open({ 'last-event-id': '3-1' });
    const text = await stream.until('s-3');
    expect(text).toContain('s-2');
    expect(text).not.toMatch(/"s-1"|reset/);
    stream.end();
    for (let offset = 4; offset < 12; offset++) change(offset, `s-${offset}`);
    const late = await open({ 'last-event-id': '3-1' });
    expect(await late.until('s-11')).toContain('event: reset');
    late.end();
  });

  it.each(['xyz', '3-2', '9-1', '3-9999999999999999', '-1-0'])(
    'say that something may be missing since %s, an id that this log has not come to',
    async (id) => {
      change(1, 's-1');
      const stream = await open({ 'last-event-id': id });
      await stream.until('event: reset');
      stream.end();
    },
  );

  it('cut a reader off, again and again, that had missed more than may lie unread: it gets the newest, and a reset', async () => {
    await gateway.close();
    gateway = await startTestGateway();
    const count = 3000;
    for (let offset = 1; offset <= count; offset++) change(offset, `session-${offset}`.padEnd(60, '-'));
    const stream = await open({ 'last-event-id': '3-1' });
    const text = await stream.until(`id: 3-${count}\n`);
    expect(text).toMatch(/^retry: 3000\n\nevent: reset\n/);
    expect(text).not.toContain('id: 3-2\n');
    stream.end();
  });

  it('are not kept open by HEAD, which asks for headers alone', async () => {
    const headers = { authorization: `Bearer ${await gateway.viewer()}` };
    const { status, headers: answered } = await fetch(`${gateway.origin}${PATH}`, { method: 'HEAD', headers });
    expect([status, answered.get('content-type'), gateway.parts.feed.size]).toEqual([200, 'text/event-stream', 0]);
  });

  it('are refused beyond their bound, and a place that is given back is free again', async () => {
    const [first, second] = [await open(), await open()];
    await Promise.all([first.until('retry'), second.until('retry')]);
    const refused = await gateway.request('GET', PATH, { token: await gateway.viewer() });
    const detail = 'This gateway has 2 event streams open, as many as it may.';
    expect(refused).toMatchObject({ status: 503, body: { type: '/problems/event-streams-full', detail } });
    first.end();
    while (gateway.parts.feed.size > 1) await new Promise(setImmediate);
    const third = await open();
    await third.until('retry');
    second.end();
    third.end();
  });

  it('leave room for other tenants: one tenant took all of them', async () => {
    await gateway.close();
    gateway = await startTestGateway({ GATEWAY_MAX_EVENT_STREAMS_PER_TENANT: '1' });
    const stream = await open();
    await stream.until('retry');
    const refused = await gateway.request('GET', PATH, { token: await gateway.viewer() });
    expect(refused).toMatchObject({ status: 503, body: { type: '/problems/event-streams-full' } });
    expect((refused.body as { detail: string }).detail).toBe('The tenant has 1 event streams open, as many as it may.');
    expect(refused.headers.get('retry-after')).toBe('10');
    const other = await open({ authorization: `Bearer ${await gateway.viewer({ tenant: 'other' })}` });
    await other.until('retry');
    other.end();
    stream.end();
    while (gateway.parts.feed.size > 0) await new Promise(setImmediate);
    const again = await open();
    await again.until('retry');
    again.end();
  });

  it('leave room for other accounts: one viewer took all of the tenant', async () => {
    await gateway.close();
    gateway = await startTestGateway({ GATEWAY_MAX_EVENT_STREAMS_PER_ACCOUNT: '1' });
    const stream = await open();
    await stream.until('retry');
    const refused = await gateway.request('GET', PATH, { ticket: gateway.ticketOf() });
    expect(refused).toMatchObject({ status: 503, body: { type: '/problems/event-streams-full' } });
    expect((refused.body as { detail: string }).detail).toBe(
      'The account has 1 event streams open, as many as it may.',
    );
    const token = await gateway.viewer({ account: 'acc-2' });
    const { status, body } = await fetch(`${gateway.origin}/v1/accounts/acc-2/verdict-events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(200);
    await body?.cancel();
    stream.end();
  });

  it('end when the token has expired that they were opened with', async () => {
    const stream = await open();
    await stream.until('retry');
    gateway.clock.now += 25 * 3_600_000;
    await expect(stream.until('never')).rejects.toThrow('ended before');
  });

  it('tell nothing that happens after it has expired: they did until their next comment', async () => {
    await gateway.close();
    gateway = await startTestGateway({ GATEWAY_EVENT_STREAM_COMMENT_MS: '3600000' });
    const stream = await open();
    await stream.until('retry');
    gateway.clock.now += 25 * 3_600_000;
    change(1, 's-1');
    await expect(stream.until('never')).rejects.toThrow(/^ended before never: (?!.*s-1)/s);
  });

  it('write nothing behind their end, where a slow reader has not read it: that was an uncaught error', async () => {
    const stream = await open();
    await stream.until('retry');
    const failed: unknown[] = [];
    const note = (error: unknown): void => void failed.push(error);
    process.on('uncaughtException', note);
    gateway.parts.feed.close();
    change(1, 's-1');
    await expect(stream.until('never')).rejects.toThrow(/^ended before never: (?!.*s-1)/s);
    process.off('uncaughtException', note);
    expect(failed).toEqual([]);
  });

  it('end when the gateway closes', async () => {
    const stream = await open();
    await stream.until('retry');
    gateway.parts.feed.close();
    await expect(stream.until('never')).rejects.toThrow('ended before');
  });
});
