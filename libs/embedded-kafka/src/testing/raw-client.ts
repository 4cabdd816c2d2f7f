import { decodeResponse, encodeRequest, type Api } from '@playhead/kafka-protocol';
import { connect, type Socket } from 'node:net';

/** Answers of the broker that have not been asked for, or out of order, fail the test through this. */
class UnexpectedResponse extends Error {}

interface Waiting {
  readonly correlationId: number;
  resolve(payload: Buffer): void;
  reject(error: Error): void;
}

/** A connection that sends one request after another and insists on answers in the same order: for tests of what no client library lets one say. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the broker or the test has closed the connection. */
  readonly closed: Promise<void>;
  #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #nextCorrelationId = 1;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection was closed'));
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Connects to a broker. Rejects when nobody listens there. */
  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ host, port, noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Sends a request; several may be under way. */
  async send<In, Out>(api: Api<In, unknown, never, Out>, version: number, request: In): Promise<Out> {
    if (this.socket.destroyed) throw new Error('the connection is closed');
    const correlationId = this.#nextCorrelationId++;
    const answered = new Promise<Buffer>((resolve, reject) => this.#waiting.push({ correlationId, resolve, reject }));
    this.sendOnly(api, version, request, correlationId);
    return decodeResponse(api, version, await answered);
  }

  /** Sends a request that has no answer. */
  sendOnly<In>(api: Api<In, unknown, never, unknown>, version: number, request: In, correlationId = 0): void {
    for (const chunk of encodeRequest(api, version, { correlationId, clientId: 'test' }, request))
      this.socket.write(chunk);
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next frame, whatever it is: after `sendBytes`. Without its size and correlation id. */
  nextPayload(correlationId: number): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#waiting.push({ correlationId, resolve, reject }));
  }

  /** Ends the connection; requests that wait for an answer reject. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const size = this.#received.readInt32BE(0);
      if (this.#received.length < 4 + size) return;
      const frame = this.#received.subarray(4, 4 + size);
      this.#received = this.#received.subarray(4 + size);
      const waiting = this.#waiting.shift();
      const correlationId = frame.readInt32BE(0);
      if (waiting?.correlationId === correlationId) waiting.resolve(frame.subarray(4));
      else this.socket.destroy(new UnexpectedResponse(`answer ${correlationId}, expected ${waiting?.correlationId}`));
    }
  }
}
