import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GUARD_ROUTES } from '@playhead/event-schemas';
import { ConcurrencyGuardClient } from '../../src/guard/concurrency-guard-client.ts';

const ACCOUNT = { tenant: 'demo', account: 'acc-1', timeoutMs: 30_000 };
const POSITION = { topic: 'playback.heartbeats', partition: 3, offset: 17 };

describe('ConcurrencyGuardClient', () => {
  let server: Server;
  let client: ConcurrencyGuardClient;
  let guardUrl: string;
  let answer: { status: number; body?: unknown; silent?: boolean };
  const received: { request: IncomingMessage; body: unknown }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ request, body: JSON.parse(body) });
        if (answer.silent === true) return;
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    guardUrl = url;
    client = new ConcurrencyGuardClient([url], { sign: (claims) => `service-token:${JSON.stringify(claims)}` });
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  beforeEach(() => {
    received.length = 0;
  });

  it('posts each question to its own path with a service token that names the account', async () => {
    const decision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
    answer = { status: 200, body: { answer: decision } };
    expect(await client.decide({ ...ACCOUNT, session: 's-1', position: POSITION })).toEqual(decision);
    answer = { status: 200, body: { answer: { sessionId: 's-1' } } };
    expect(await client.session({ ...ACCOUNT, session: 's-1' })).toEqual({ sessionId: 's-1' });
    const streams = { streams: [{ sessionId: 's-1' }] };
    answer = { status: 200, body: { answer: streams } };
    expect(await client.streams(ACCOUNT)).toEqual(streams);
    answer = { status: 204 };
    await client.entitlementApplied({ ...ACCOUNT, position: POSITION });
    expect(received.map(({ request, body }) => [request.method, request.url, body])).toEqual([
      ['POST', `/internal/v1${GUARD_ROUTES.decide}`, { ...ACCOUNT, session: 's-1', position: POSITION }],
      ['POST', `/internal/v1${GUARD_ROUTES.session}`, { ...ACCOUNT, session: 's-1' }],
      ['POST', `/internal/v1${GUARD_ROUTES.streams}`, ACCOUNT],
      ['POST', `/internal/v1${GUARD_ROUTES.entitlementApplied}`, { ...ACCOUNT, position: POSITION }],
    ]);
    for (const { request } of received) {
      expect(request.headers.authorization).toBe('Bearer service-token:{"tenant":"demo","account":"acc-1"}');
    }
  });

  it('takes null for a session that the guard does not know', async () => {
    answer = { status: 200, body: { answer: null } };
    expect(await client.session({ ...ACCOUNT, session: 's-1' })).toBeUndefined();
  });

  it.each([[503], [401], [404], [500]])('rejects when the guard answers %d', async (status) => {
    answer = { status, body: { type: '/problems/x' } };
    await expect(client.streams(ACCOUNT)).rejects.toThrow(`answered streams with ${status}`);
  });

  it('rejects when the guard does not answer in time, or is not there', async () => {
    answer = { status: 200, silent: true };
    await expect(client.streams({ ...ACCOUNT, timeoutMs: 10 })).rejects.toThrow(/timeout/);
    const nobody = new ConcurrencyGuardClient(['http://127.0.0.1:1'], { sign: () => 'token' });
    await expect(nobody.streams(ACCOUNT)).rejects.toThrow();
  });

  it('asks the next instance when one cannot be reached, and that one first from then on', async () => {
    answer = { status: 200, body: { answer: [] } };
    const several = new ConcurrencyGuardClient(['http://127.0.0.1:1', guardUrl], { sign: () => 'token' });
    expect(await several.streams(ACCOUNT)).toEqual([]);
    answer = { status: 503, body: {} };
    await expect(several.streams(ACCOUNT)).rejects.toThrow('answered streams with 503');
    answer = { status: 200, body: { answer: [] } };
    expect(await several.streams(ACCOUNT)).toEqual([]);
    expect(received).toHaveLength(3);
  });

  it('an instance that was slow was taken for one that cannot be reached', async () => {
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket: Socket) => sockets.push(socket));
    await once(silent, 'listening');
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const several = new ConcurrencyGuardClient([silentUrl, guardUrl], { sign: () => 'token' }, () => 0);
    answer = { status: 200, body: { answer: [] } };
    await expect(several.streams({ ...ACCOUNT, timeoutMs: 10 })).rejects.toThrow(/timeout/);
    expect(received).toHaveLength(0);
    await several.streams(ACCOUNT);
    answer = { status: 503, body: {} };
    await expect(several.streams(ACCOUNT)).rejects.toThrow('answered streams with 503');
    await expect(several.streams({ ...ACCOUNT, timeoutMs: 10 })).rejects.toThrow(/timeout/);
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect(sockets).toHaveLength(2);
  });

  it('an instance that was killed cost every question a connection while another one could not answer', async () => {
    let connections = 0;
    const killed = createTcpServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(killed, 'listening');
    const killedUrl = `http://127.0.0.1:${(killed.address() as AddressInfo).port}`;
    let nowMs = 0;
    const several = new ConcurrencyGuardClient([killedUrl, guardUrl], { sign: () => 'token' }, () => nowMs);
    answer = { status: 503, body: {} };
    for (let question = 0; question < 5; question++) {
      await expect(several.streams(ACCOUNT)).rejects.toThrow('answered streams with 503');
    }
    expect([connections, received.length]).toEqual([1, 5]);
    nowMs = 1_000;
    for (let question = 0; question < 2; question++) await several.streams(ACCOUNT).catch(() => undefined);
    killed.close();
    expect([connections, received.length]).toEqual([2, 7]);
  });

  it('a kept connection that the guard had closed meanwhile made a question fail', async () => {
    let questions = 0;
    let newest: Socket | undefined;
    const closing = createTcpServer((socket) => {
      newest = socket;
      let isKept = false;
      socket.on('data', () => {
        questions++;
        if (isKept) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"answer":[]}');
        isKept = true;
      });
    }).listen(0, '127.0.0.1');
    await once(closing, 'listening');
    const url = `http://127.0.0.1:${(closing.address() as AddressInfo).port}`;
    const asking = new ConcurrencyGuardClient([url], { sign: () => 'token' });
    expect(await asking.streams(ACCOUNT)).toEqual([]);
    expect(await asking.streams(ACCOUNT)).toEqual([]);
    newest?.destroy();
    closing.close();
    expect(questions).toBe(3);
  });
});
