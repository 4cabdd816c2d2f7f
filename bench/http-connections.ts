import { connect } from 'node:net';
import type { Socket } from 'node:net';

const REQUEST_TIMEOUT_MS = 10_000;
const SWEEP_MS = 1000;

/** One answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

interface Exchange {
  readonly text: string;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * HTTP/1.1 of a load, for services whose answers have a `content-length`: kept connections to one address, each with one
 * request at a time and used in turn, so that each rests between its requests as a player's does. The client of node:http
 * takes more of a core than the service under test, and what is measured then is the load waiting for itself.
 */
export class HttpConnections {
  readonly #host: string;
  readonly #port: number;
  readonly #maxConnections: number;
  readonly #all = new Set<Connection>();
  /** Those without a request: taken from the end of `rested`, put to the end of `resting`, which takes its place when it is empty. */
  #rested: Connection[] = [];
  #resting: Connection[] = [];
  readonly #waiting: Exchange[] = [];
  readonly #sweep: NodeJS.Timeout;

  /** `url` is the origin (`http://127.0.0.1:8080`); a request beyond `maxConnections` waits for an answer to another. */
  constructor(url: string, maxConnections: number) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#maxConnections = maxConnections;
    this.#sweep = setInterval(() => this.#giveUpOverdue(), SWEEP_MS);
  }

  /** `headers` are whole lines, each with its CRLF. Rejects on a lost connection, and after 10 to 11 s without an answer. */
  send(method: 'GET' | 'POST', path: string, headers: string, body?: string): Promise<HttpAnswer> {
    const content =
      body === undefined
        ? '\r\n'
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const text = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers}${content}`;
    return new Promise((resolve, reject) => this.#begin({ text, resolve, reject }));
  }

  close(): void {
    clearInterval(this.#sweep);
    const closed = new Error('the connections were closed');
    for (const { reject } of this.#waiting.splice(0)) reject(closed);
    for (const connection of this.#all) connection.end(closed);
  }

  #begin(exchange: Exchange): void {
    const rested = this.#takeRested();
    if (rested !== undefined) rested.begin(exchange);
    else if (this.#all.size < this.#maxConnections) this.#open().begin(exchange);
    else this.#waiting.push(exchange);
  }

  /** The open one that has rested longest. */
  #takeRested(): Connection | undefined {
    if (this.#rested.length === 0) [this.#rested, this.#resting] = [this.#resting.reverse(), this.#rested];
    const rested = this.#rested.pop();
    return rested === undefined || this.#all.has(rested) ? rested : this.#takeRested();
  }

  #open(): Connection {
    const connection: Connection = new Connection(connect(this.#port, this.#host), {
      onFree: () => {
        const next = this.#waiting.shift();
        if (next === undefined) this.#resting.push(connection);
        else connection.begin(next);
      },
      onEnd: () => {
        // Told of the error, and of the close behind it.
        if (!this.#all.delete(connection)) return;
        const next = this.#waiting.shift();
        if (next !== undefined) this.#open().begin(next);
      },
    });
    this.#all.add(connection);
    return connection;
  }

  #giveUpOverdue(): void {
    const since = performance.now() - REQUEST_TIMEOUT_MS;
    for (const connection of this.#all) {
      if (connection.busySince < since) connection.end(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`));
    }
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #onFree: () => void;
  readonly #onEnd: () => unknown;
  #under: Exchange | undefined;
  #received = '';
  busySince = Infinity;

  constructor(socket: Socket, { onFree, onEnd }: { readonly onFree: () => void; readonly onEnd: () => unknown }) {
    this.#socket = socket;
    this.#onFree = onFree;
    this.#onEnd = onEnd;
    socket.setNoDelay(true).setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the connection was closed')));
  }

  begin(exchange: Exchange): void {
    this.#under = exchange;
    this.busySince = performance.now();
    this.#socket.write(exchange.text);
  }

  end(error: Error): void {
    this.#under?.reject(error);
    this.#under = undefined;
    this.busySince = Infinity;
    this.#socket.destroy();
    this.#onEnd();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, headEnd))?.[1] ?? 0);
    const body = this.#received.slice(headEnd + 4);
    if (Buffer.byteLength(body) < length) return;
    const answered = this.#under;
    // "HTTP/1.1 200"
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    this.#under = undefined;
    this.busySince = Infinity;
    answered?.resolve({ status, body });
    this.#onFree();
  }
}
