import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('a body over the limit', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ GATEWAY_MAX_BODY_BYTES: '64KiB' });
  });
  afterAll(() => gateway.close());

  /** After every refusal the next good beat must go through, on the same server. */
  async function expectGoodBeatPasses(): Promise<void> {
    const good = await gateway.request('POST', '/v1/heartbeats', { json: beat(), ticket: gateway.ticketOf() });
    expect(good.status).toBe(200);
  }

  it('is refused with 413, whether its length is announced or not', async () => {
    const long = JSON.stringify(beat({ cdn: 'x'.repeat(70_000) }));
    const announced = await gateway.request('POST', '/v1/heartbeats', { body: long, ticket: gateway.ticketOf() });
    expect(announced).toMatchObject({ status: 413, body: { type: '/problems/body-too-large' } });
    expect(await postChunked(gateway.origin, gateway.ticketOf(), long)).toBe(413);
    expect(gateway.log.size).toBe(0);
    await expectGoodBeatPasses();
  });

  it('sends the 413 to a client that goes on sending, which lost it to a reset connection', async () => {
    const long = Buffer.alloc(8 * 1024 * 1024, ' ');
    for (let attempt = 0; attempt < 5; attempt++) {
      for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': String(long.length) }]) {
        const answer = await postAll(`${gateway.origin}/v1/heartbeats?ticket=${gateway.ticketOf()}`, long, headers);
        expect(answer).toMatchObject({ status: 413, connection: 'close' });
        expect(answer.text).toContain('/problems/body-too-large');
      }
    }
    await expectGoodBeatPasses();
  });

  it.each([
    [8, 'keep-alive'],
    [72, 'close'],
  ])('answers a CMCD report of %i MiB 204, where it reset the connection', async (mebibytes, connection) => {
    const body = Buffer.alloc(mebibytes * 1024 * 1024, 'e=t,sid="abc",sn=0,ts=1795258000000,v=2\n');
    const address = `${gateway.origin}/v1/cmcd?ticket=${gateway.ticketOf({ session: `long-${mebibytes}` })}`;
    expect(await postAll(address, body, { 'transfer-encoding': 'chunked' })).toMatchObject({ status: 204, connection });
    await expectGoodBeatPasses();
  });
});

/** Posts without a length; resolves with the status although the server hangs up before the end. */
function postChunked(origin: string, ticket: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const agent = new Agent();
    const post = request(`${origin}/v1/heartbeats`, {
      method: 'POST',
      agent,
      headers: { 'playback-ticket': ticket, 'transfer-encoding': 'chunked' },
    });
    post.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
      agent.destroy();
    });
    post.on('error', reject);
    post.write(body.slice(0, 68_000));
  });
}

/** Posts every byte whatever is answered meanwhile; rejects when the connection breaks before the answer is complete. */
function postAll(
  address: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number | undefined; connection: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const post = request(address, { method: 'POST', headers });
    post.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode, connection: response.headers.connection, text });
      });
    });
    post.on('error', reject);
    post.end(body);
  });
}
