import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { IdleConnections } from '../../src/http/idle-connections.ts';
import { PlainFirstServer } from '../../src/http/plain-first-server.ts';
import type { Reply, Route } from '../../src/http/route.ts';
import type { RouteEnvironment } from '../../src/http/run-route.ts';
import { RawClient } from './raw-client.ts';

/** Of the hot route. */
export const MAX_BODY_BYTES = 100;
/** For what happens at once where nothing is wrong. */
const WAIT_MS = 20_000;

/** A request as it goes over the wire. */
export const post = (body: string, path = '/hot'): string =>
  `POST ${path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A server that answers one hot route on plain connections, and everything else by node:http with what it was sent. */
export class PlainServer {
  /** The server's ends of the connections. */
  readonly ends: Socket[] = [];
  /** Bodies that the hot route was given. */
  readonly handled: string[] = [];
  /** What lets the hot route answer; undefined: it answers at once. */
  gate: PromiseWithResolvers<void> | undefined;
  /** What is odd about the hot route's reply. */
  extra: Partial<Reply> = {};
  /** Of 500 and above, and answers that could not be written. */
  readonly failures: Error[] = [];
  readonly environment: RouteEnvironment = {
    now: () => 0,
    trusts: () => false,
    requests: { count: () => undefined } as unknown as RouteEnvironment['requests'],
    rejects: { count: () => undefined } as unknown as RouteEnvironment['rejects'],
    onUnknownParameters: () => undefined,
    onFailure: (problem) => this.failures.push(problem),
  };
  readonly routes: ReadonlyMap<string, Route> = new Map([
    [
      'POST /hot HTTP/1.1',
      {
        method: 'POST',
        path: '/hot',
        hot: true,
        cors: true,
        operation: {} as Route['operation'],
        handle: (call) => this.#handle(call),
      },
    ],
  ]);
  readonly server = new PlainFirstServer({
    keepAliveTimeout: 0,
    requestTimeout: 300,
    connectionsCheckingInterval: 50,
  });
  readonly #clients: RawClient[] = [];

  /** Begins to listen on a free port. */
  static async start(): Promise<PlainServer> {
    const plain = new PlainServer();
    const { server, routes, environment, ends } = plain;
    server.servePlain({ routes, environment, connections: new IdleConnections(server, { idleMs: 60_000 }) });
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
    return plain;
  }

  client(): RawClient {
    const opened = new RawClient((this.server.address() as AddressInfo).port);
    this.#clients.push(opened);
    return opened;
  }

  /** Rejects when it does not come true. */
  async until(isTrue: () => boolean): Promise<void> {
    const giveUpAt = Date.now() + WAIT_MS;
    while (!isTrue()) {
      if (Date.now() > giveUpAt) throw new Error(`not within ${WAIT_MS} ms: ${isTrue.toString()}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  untilHandled(count: number): Promise<void> {
    return this.until(() => this.handled.length === count);
  }

  async close(): Promise<void> {
    this.gate?.resolve();
    for (const { socket } of this.#clients) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #handle(call: Parameters<Route['handle']>[0]): Promise<Reply> {
    const body = (await call.body({ maxBytes: MAX_BODY_BYTES })).toString();
    this.handled.push(body);
    await this.gate?.promise;
    return { status: 200, headers: { 'retry-after': '1' }, body: { hot: body }, ...this.extra };
  }
}
