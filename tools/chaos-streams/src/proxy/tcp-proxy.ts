import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { errorName, findApi } from '@playhead/kafka-protocol';
import { Link } from './link.ts';
import type { Request } from './link.ts';

/** A request that the broker has not got yet. */
export interface CaughtRequest {
  /** Who sent it. */
  readonly clientId: string;
  /** Sends it on, also when its sender is gone by now. */
  release(): void;
  /** Sends it on, and cuts the connection in the place of an answer. */
  releaseWithoutAnswer(): void;
}

/** Who waits for a request. */
interface Catcher {
  readonly wants: (request: Request) => boolean;
  readonly caught: (link: Link, request: Request) => void;
}

/**
 * Stands in front of a broker: whoever connects to it is told that it is the broker, so that every connection goes over
 * it and can be cut. It sees which writes of zombies the broker refuses, and can keep a request back.
 */
export class TcpProxy {
  /** Answers with which the broker refused a write because somebody else has taken over, by what they say. */
  readonly refusals = new Map<string, number>();
  connectionsCut = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  /** At most one for each fault that is under way. */
  readonly #catchers = new Set<Catcher>();
  #brokerPort = 0;
  #refusesUntil = 0;

  private constructor() {
    this.#server = createServer((client) => this.#accept(client));
  }

  static async listen(): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sum of `refusals`. */
  get zombieWritesRefused(): number {
    let sum = 0;
    for (const count of this.refusals.values()) sum += count;
    return sum;
  }

  /** Where the broker is. */
  set brokerPort(port: number) {
    this.#brokerPort = port;
  }

  /** Keeps the next request back that is wanted. Undefined: none came before `signal` was aborted. */
  catchNext(wants: (request: Request) => boolean, signal: AbortSignal): Promise<CaughtRequest | undefined> {
    return new Promise((resolve) => {
      const catcher: Catcher = {
        wants,
        caught: (link, request) =>
          resolve({
            clientId: request.clientId,
            release: () => link.release(),
            releaseWithoutAnswer: () => link.release(request),
          }),
      };
      this.#catchers.add(catcher);
      signal.addEventListener('abort', () => {
        this.#catchers.delete(catcher);
        resolve(undefined);
      });
    });
  }

  /** Cuts the connections that `chosen` picks, and lets nobody in for `forMs`. */
  cut(chosen: () => boolean, forMs: number): void {
    this.#refusesUntil = performance.now() + forMs;
    for (const link of this.#links) {
      if (!chosen()) continue;
      link.close();
      this.connectionsCut++;
    }
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#brokerPort === 0 || performance.now() < this.#refusesUntil) {
      client.destroy();
      return;
    }
    const broker = createConnection({ host: '127.0.0.1', port: this.#brokerPort });
    this.#links.add(
      new Link(client, broker, {
        advertisedPort: this.port,
        onRequest: (link, request) => this.#catches(link, request),
        onRefused: (apiKey, errorCode) => this.#noteRefusal(`${findApi(apiKey)?.name} ${errorName(errorCode)}`),
        onClose: (link) => this.#links.delete(link),
      }),
    );
  }

  #noteRefusal(what: string): void {
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }

  #catches(link: Link, request: Request): boolean {
    for (const catcher of this.#catchers) {
      if (!catcher.wants(request)) continue;
      this.#catchers.delete(catcher);
      catcher.caught(link, request);
      return true;
    }
    return false;
  }
}
