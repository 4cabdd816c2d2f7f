import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RouteEnvironment } from '../../src/http/run-route.ts';
import { IdleConnections } from '../../src/http/idle-connections.ts';
import { PlainConnections } from '../../src/http/plain-connections.ts';
import { PlainFirstServer } from '../../src/http/plain-first-server.ts';
import type { Reply, Route } from '../../src/http/route.ts';
import { RawClient } from '../testing/raw-client.ts';

const MAX_BODY_BYTES = 100;
/** For what happens at once where nothing is wrong. */
const WAIT_MS = 20_000;

const post = (body: string, path = '/hot'): string =>
  `POST ${path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('plain connections', () => {
  let server: PlainFirstServer;
  let clients: RawClient[];
  /** The server's ends of the connections. */
  let ends: Socket[];
  /** Bodies that the hot route was given, and what lets it answer; undefined: it answers at once. */
  let handled: string[];
  let gate: PromiseWithResolvers<void> | undefined;
  /** What is odd about the hot route's reply. */
  let extra: Partial<Reply>;
  /** Of 500 and above, and answers that could not be written. */
  let failures: Error[];

  const hot: Route = {
    method: 'POST',
    path: '/hot',
    hot: true,
    cors: true,
    operation: {} as Route['operation'],
    async handle(call) {
      const body = (await call.body({ maxBytes: MAX_BODY_BYTES })).toString();
      handled.push(body);
      await gate?.promise;
      return { status: 200, headers: { 'retry-after': '1' }, body: { hot: body }, ...extra };
    },
  };
  const environment: RouteEnvironment = {
    now: () => 0,
    trusts: () => false,
    requests: { count: () => undefined } as unknown as RouteEnvironment['requests'],
    rejects: { count: () => undefined } as unknown as RouteEnvironment['rejects'],
    onUnknownParameters: () => undefined,
    onFailure: (problem) => failures.push(problem),
  };
  const routes = new Map([['POST /hot HTTP/1.1', hot]]);

  beforeEach(async () => {
    clients = [];
    ends = [];
    handled = [];
    gate = undefined;
    failures = [];
    extra = {};
    server = new PlainFirstServer({ keepAliveTimeout: 0, requestTimeout: 300, connectionsCheckingInterval: 50 });
    const connections = new IdleConnections(server, { idleMs: 60_000 });
    server.servePlain({ routes, environment, connections });
    server.on('connection', (socket) => ends.push(socket));
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = JSON.stringify({ http: `${request.url} ${Buffer.concat(chunks).toString()}` });
        response.writeHead(200, { 'content-length': text.length }).end(text);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    gate?.resolve();
    for (const { socket } of clients) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    expect(failures).toEqual([]);
  });

  function client(): RawClient {
    const opened = new RawClient((server.address() as AddressInfo).port);
    clients.push(opened);
    return opened;
  }

  async function until(isTrue: () => boolean): Promise<void> {
    const giveUpAt = Date.now() + WAIT_MS;
    while (!isTrue() && Date.now() < giveUpAt) await new Promise((resolve) => setImmediate(resolve));
    expect(isTrue()).toBe(true);
  }

  const untilHandled = async (count: number): Promise<void> => until(() => handled.length === count);

  it('answer one request after the other as node:http would', async () => {
    const { send, answer } = client();
    for (const body of ['a', 'b', 'c']) {
      send(post(body));
      const { status, head, body: text } = await answer();
      expect([status, text]).toEqual([200, JSON.stringify({ hot: body })]);
      expect(head.replace(/date: .*/, 'date: …').split('\r\n')).toEqual([
        'HTTP/1.1 200 OK',
        'vary: Origin',
        'content-type: application/json',
        'cache-control: no-store',
        'content-length: 11',
        'retry-after: 1',
        'keep-alive: timeout=65',
        'connection: keep-alive',
        'date: …',
      ]);
      expect(Date.parse(/date: (.*)/.exec(head)![1]!)).toBeGreaterThan(Date.now() - 5_000);
    }
  });

  it('refuse a body that is too large, and stay open', async () => {
    const { send, answer } = client();
    send(post('x'.repeat(MAX_BODY_BYTES + 1)));
    const { status, head } = await answer();
    expect(status).toBe(413);
    expect(head).toContain('application/problem+json');
    send(post('short'));
    expect((await answer()).body).toBe('{"hot":"short"}');
  });

  it.each([
    ['another route', [post('a', '/other')], ['{"http":"/other a"}']],
    ['a query', [post('a', '/hot?b=c')], ['{"http":"/hot?b=c a"}']],
    ['a request in two pieces', [post('abc').slice(0, 30), post('abc').slice(30)], ['{"http":"/hot abc"}']],
    ['two requests in one', [post('a') + post('b')], ['{"http":"/hot a"}', '{"http":"/hot b"}']],
    ['a large one', [post('a'.repeat(300_000))], [`{"http":"/hot ${'a'.repeat(300_000)}"}`]],
  ])('are handed over to node:http with %s, after what came before', async (_, sent, expected) => {
    const { send, answer } = client();
    send(post('before'));
    expect((await answer()).body).toBe('{"hot":"before"}');
    for (const text of sent) {
      const bytesRead = ends[0]!.bytesRead + Buffer.byteLength(text);
      send(text);
      await until(() => ends[0]!.bytesRead === bytesRead);
    }
    for (const body of expected) expect((await answer()).body).toBe(body);
    // For good: a plain one too.
    send(post('after'));
    expect((await answer()).body).toBe('{"http":"/hot after"}');
  });

  it('are closed by node:http behind what is no request', async () => {
    const { send, answer, socket } = client();
    send(post('before'));
    expect((await answer()).status).toBe(200);
    const ended = once(socket, 'end');
    send('what?\r\n\r\n');
    expect((await answer()).status).toBe(400);
    await ended;
  });

  it.each([
    ['plain', post('second'), '{"hot":"second"}'],
    ["node:http's", post('second', '/other'), '{"http":"/other second"}'],
  ])('answer in order what comes before the last answer is given, when it is %s', async (_, second, expected) => {
    gate = Promise.withResolvers();
    const { send, answer } = client();
    send(post('first'));
    await untilHandled(1);
    send(second);
    await until(() => ends[0]!.bytesRead === post('first').length + second.length);
    send(post('third', '/other'));
    gate.resolve();
    expect((await answer()).body).toBe('{"hot":"first"}');
    expect((await answer()).body).toBe(expected);
    expect((await answer()).body).toBe('{"http":"/other third"}');
  });

  it('answer a client that has sent its last, and close', async () => {
    gate = Promise.withResolvers();
    const { send, answer, socket } = client();
    send(post('last'));
    await untilHandled(1);
    socket.end();
    await until(() => ends[0]!.readableEnded);
    gate.resolve();
    const { head, body } = await answer();
    expect(body).toBe('{"hot":"last"}');
    expect(head).toContain('connection: close');
    await once(socket, 'end');
  });

  it.each([
    ['plain', post('second'), '{"hot":"second"}'],
    ["node:http's", post('second', '/other'), '{"http":"/other second"}'],
  ])('answer what came before a client sent its last, when it is %s', async (_, second, expected) => {
    gate = Promise.withResolvers();
    const { send, answer, socket } = client();
    send(post('first'));
    await untilHandled(1);
    send(second);
    await until(() => ends[0]!.bytesRead === post('first').length + second.length);
    socket.end();
    gate.resolve();
    expect((await answer()).body).toBe('{"hot":"first"}');
    expect((await answer()).body).toBe(expected);
    if (!socket.readableEnded) await once(socket, 'end');
  });

  it('do not begin what comes behind the answer that closes them', async () => {
    gate = Promise.withResolvers();
    const { send, answer, socket } = client();
    send(post('last'));
    await untilHandled(1);
    send(post('too late'));
    await until(() => ends[0]!.bytesRead === post('last').length + post('too late').length);
    const closed = once(ends[0]!, 'close');
    server.close();
    gate.resolve();
    expect((await answer()).head).toContain('connection: close');
    socket.end();
    await closed;
    expect(handled).toEqual(['last']);
  });

  it("are under node:http's time limit with a part of a request", async () => {
    const { send, answer } = client();
    send(post('before'));
    expect((await answer()).status).toBe(200);
    send(post('never whole').slice(0, 40));
    expect((await answer()).status).toBe(408);
  });

  it.each<[string, Partial<Reply>]>([
    ['has a header that cannot be sent', { headers: { 'retry-after': '1\r\nSet-Cookie: a' } }],
    ['is a stream', { stream: () => undefined }],
  ])('are closed, and it is told, when a reply %s', async (_, wrong) => {
    extra = wrong;
    const { send, socket } = client();
    const closed = once(socket, 'close');
    send(post('a'));
    socket.once('end', () => socket.end());
    await closed;
    expect(failures.splice(0)).toHaveLength(1);
  });

  it('outlive a client that goes before its answer', async () => {
    gate = Promise.withResolvers();
    const gone = client();
    gone.send(post('gone'));
    await untilHandled(1);
    gone.socket.resetAndDestroy();
    await until(() => ends[0]!.destroyed);
    gate.resolve();
    const { send, answer } = client();
    send(post('next'));
    expect((await answer()).body).toBe('{"hot":"next"}');
  });

  it('are closed with the server: idle ones at once, others behind their answer', async () => {
    gate = Promise.withResolvers();
    const [idle, silent, busy] = [client(), client(), client()];
    await until(() => ends.length === 3);
    idle.send(post('idle'));
    await untilHandled(1);
    gate.resolve();
    await idle.answer();
    gate = Promise.withResolvers();
    busy.send(post('busy'));
    await untilHandled(2);
    const closed = [once(idle.socket, 'close'), once(silent.socket, 'close')];
    for (const { socket } of [idle, silent]) socket.once('end', () => socket.end());
    server.close();
    await Promise.all(closed);
    gate.resolve();
    const { head, body } = await busy.answer();
    expect(body).toBe('{"hot":"busy"}');
    expect(head).toContain('connection: close');
  });

  it('are cut with the server', async () => {
    gate = Promise.withResolvers();
    const { send, socket } = client();
    send(post('busy'));
    await untilHandled(1);
    const closed = once(socket, 'close');
    server.closeAllConnections();
    socket.once('end', () => socket.end());
    await closed;
  });

  it("are node:http's when a client does not read its answers", async () => {
    const handedOver = Promise.withResolvers<void>();
    const plain = new PlainConnections({
      routes,
      environment,
      connections: { begun: () => undefined, ended: () => undefined },
      isClosing: () => false,
    });
    const socket = new Duplex({ read: () => undefined, write: () => undefined }) as Socket;
    plain.serve(socket, handedOver.resolve);
    socket.push(post('first'));
    await untilHandled(1);
    await until(() => socket.writableLength > 0);
    socket.push(post('second'));
    await handedOver.promise;
    expect(handled).toEqual(['first']);
    expect((socket.read() as Buffer).toString()).toBe(post('second'));
  });
});
