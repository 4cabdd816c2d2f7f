import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FrameSplitter } from './frame-splitter.ts';
import { advertise, isLookedAt, refusesZombie } from './response-rules.ts';

/** Requests without an answer that one connection may have. */
const MAX_UNANSWERED = 10_000;
const HEADER_BYTES = 12;

/**
 * Stands in front of a broker: whoever connects to it is told that it is the broker, so that every connection goes over
 * it and can be cut. It sees which writes of zombies the broker refuses.
 */
export class TcpProxy {
  /** Answers with which the broker refused a write because somebody else has taken over. */
  zombieWritesRefused = 0;
  connectionsCut = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
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

  /** Where the broker is. */
  set brokerPort(port: number) {
    this.#brokerPort = port;
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
    const link = new Link(client, broker, {
      advertisedPort: this.port,
      onRefused: () => this.zombieWritesRefused++,
      onClose: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }
}

interface LinkEvents {
  readonly advertisedPort: number;
  readonly onRefused: () => void;
  readonly onClose: () => void;
}

interface Unanswered {
  readonly apiKey: number;
  readonly version: number;
}

/** A client's connection and the one to the broker that belongs to it. */
class Link {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #events: LinkEvents;
  readonly #unanswered = new Map<number, Unanswered>();
  #isClosed = false;

  constructor(client: Socket, broker: Socket, events: LinkEvents) {
    this.#client = client;
    this.#broker = broker;
    this.#events = events;
    for (const socket of [client, broker]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.close());
      socket.on('close', () => this.close());
    }
    const requests = new FrameSplitter();
    const answers = new FrameSplitter();
    client.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) this.#note(frame);
      forward(client, broker, [chunk]);
    });
    broker.on('data', (chunk) => {
      for (const frame of answers.push(chunk)) forward(broker, client, this.#changed(frame));
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#client.destroy();
    this.#broker.destroy();
    this.#events.onClose();
  }

  #note(frame: Buffer): void {
    if (frame.length < HEADER_BYTES) return;
    const apiKey = frame.readInt16BE(4);
    if (isLookedAt(apiKey) && this.#unanswered.size < MAX_UNANSWERED)
      this.#unanswered.set(frame.readInt32BE(8), { apiKey, version: frame.readInt16BE(6) });
  }

  #changed(frame: Buffer): Buffer[] {
    const correlationId = frame.readInt32BE(4);
    const request = this.#unanswered.get(correlationId);
    if (request === undefined) return [frame];
    this.#unanswered.delete(correlationId);
    const answer = { ...request, correlationId, payload: frame.subarray(8) };
    if (refusesZombie(answer)) this.#events.onRefused();
    return advertise(answer, this.#events.advertisedPort) ?? [frame];
  }
}

/** Writes on, and reads no further while the other side does not take it. */
function forward(from: Socket, to: Socket, chunks: readonly Buffer[]): void {
  let isTaken = true;
  for (const chunk of chunks) isTaken = to.write(chunk);
  if (isTaken || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}
