import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** About how often each connection is looked at: one is closed so much later. */
const ROUND_MS = 5_000;
/** Tens of thousands of connections are not looked through at once. */
const STEPS = 20;
const LEAST_IN_STEP = 500;
const CONNECTION = Symbol('connection');

/** What is known of a connection; kept on its socket, as each request needs it. */
interface Connection {
  readonly socket: Socket;
  /** Where it stands among all. */
  index: number;
  usedAt: number;
  /** Requests that have no answer yet. */
  pending: number;
}

type KnownSocket = Socket & { [CONNECTION]?: Connection };

/** For how long a connection may be idle, by which clock. */
export interface IdleConnectionsOptions {
  /** From the end of the last answer on; before the first request from its opening on. */
  readonly idleMs: number;
  /** Milliseconds; default: a clock that nobody sets. */
  readonly now?: () => number;
}

/**
 * Closes idle connections. node:http would give each a timer with every answer (`keepAliveTimeout`), and timers that wait for seconds outlive the
 * young generation: a tenth of the gateway's CPU at 5,000 beats a second (docs/benchmarks.md). Here each answer notes the time, and one timer goes
 * round all connections until the server is closed.
 */
export class IdleConnections {
  /** As many as the server has. */
  readonly #connections: Connection[] = [];
  readonly #idleMs: number;
  readonly #now: () => number;
  #next = 0;

  constructor(server: Server, { idleMs, now = () => performance.now() }: IdleConnectionsOptions) {
    this.#idleMs = idleMs;
    this.#now = now;
    server.on('connection', (socket) => this.#opened(socket));
    const timer = setInterval(() => this.step(), ROUND_MS / STEPS).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** A request has come; `ended` is to be called when its answer is given. */
  begun(socket: Socket): void {
    const connection = (socket as KnownSocket)[CONNECTION];
    if (connection !== undefined) connection.pending++;
  }

  ended(socket: Socket): void {
    const connection = (socket as KnownSocket)[CONNECTION];
    if (connection === undefined) return;
    connection.pending--;
    connection.usedAt = this.#now();
  }

  /** Closes the idle ones of the next part of all connections. */
  step(): void {
    const connections = this.#connections;
    const before = this.#now() - this.#idleMs;
    if (this.#next >= connections.length) this.#next = 0;
    const end = this.#next + Math.max(LEAST_IN_STEP, Math.ceil(connections.length / STEPS));
    for (; this.#next < end && this.#next < connections.length; this.#next++) {
      const { socket, usedAt, pending } = connections[this.#next]!;
      if (pending === 0 && usedAt <= before) socket.destroy();
    }
  }

  #opened(socket: KnownSocket): void {
    const connection: Connection = { socket, index: this.#connections.length, usedAt: this.#now(), pending: 0 };
    socket[CONNECTION] = connection;
    this.#connections.push(connection);
    socket.once('close', () => this.#closed(connection));
  }

  /** The last one takes its place. */
  #closed({ index }: Connection): void {
    const last = this.#connections.pop()!;
    if (last.index === index) return;
    last.index = index;
    this.#connections[index] = last;
  }
}
