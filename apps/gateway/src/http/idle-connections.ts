import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** In one turn of the hand over all connections: one is closed so much later at most. */
const TURN_MS = 5_000;
/** Steps of a turn, so that tens of thousands of connections are not looked through at once. */
const STEPS = 20;
const CONNECTION = Symbol('connection');

/** What is known of a connection; kept on its socket, as each request needs it. */
interface Connection {
  readonly socket: Socket;
  /** Where it stands among all. */
  place: number;
  usedAt: number;
  /** Answers under way that may take long. */
  held: number;
}

type KnownSocket = Socket & { [CONNECTION]?: Connection };

/** For how long a connection may rest, by which clock. */
export interface IdleConnectionsOptions {
  /** From the beginning of the last request on; longer than any request takes that is not held. */
  readonly idleMs: number;
  /** Milliseconds; default: a clock that nobody sets. */
  readonly now?: () => number;
}

/**
 * Closes connections that rest for too long. node:http would give each a timer with every answer (`keepAliveTimeout`), and timers that
 * wait for seconds outlive the young generation: a tenth of the gateway's CPU at 5,000 beats a second (docs/benchmarks.md). Here a request notes the
 * time, and a hand goes over all connections, as that of a clock, until the server is closed.
 */
export class IdleConnections {
  /** As many as the server has. */
  readonly #connections: Connection[] = [];
  readonly #idleMs: number;
  readonly #now: () => number;
  #hand = 0;

  constructor(server: Server, { idleMs, now = () => performance.now() }: IdleConnectionsOptions) {
    this.#idleMs = idleMs;
    this.#now = now;
    server.on('connection', (socket) => this.#opened(socket));
    const timer = setInterval(() => this.step(), TURN_MS / STEPS).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** A request has come. */
  used(request: IncomingMessage): void {
    const connection = (request.socket as KnownSocket)[CONNECTION];
    if (connection !== undefined) connection.usedAt = this.#now();
  }

  /** Until the answer is through its connection does not rest. */
  hold(response: ServerResponse): void {
    const connection = (response.req.socket as KnownSocket)[CONNECTION];
    if (connection === undefined) return;
    connection.held++;
    response.once('close', () => {
      connection.held--;
      connection.usedAt = this.#now();
    });
  }

  /** Closes those that have rested too long, of a twentieth of all. */
  step(): void {
    const connections = this.#connections;
    const before = this.#now() - this.#idleMs;
    if (this.#hand >= connections.length) this.#hand = 0;
    const end = Math.min(connections.length, this.#hand + Math.ceil(connections.length / STEPS));
    for (; this.#hand < end; this.#hand++) {
      const { socket, usedAt, held } = connections[this.#hand]!;
      if (held === 0 && usedAt <= before) socket.destroy();
    }
  }

  #opened(socket: KnownSocket): void {
    const connection: Connection = { socket, place: this.#connections.length, usedAt: this.#now(), held: 0 };
    socket[CONNECTION] = connection;
    this.#connections.push(connection);
    socket.once('close', () => this.#closed(connection));
  }

  /** The last one takes its place. */
  #closed({ place }: Connection): void {
    const last = this.#connections.pop()!;
    if (last.place === place) return;
    last.place = place;
    this.#connections[place] = last;
  }
}
