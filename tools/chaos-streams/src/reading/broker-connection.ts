import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { decodeResponse, encodeRequest } from '@playhead/kafka-protocol';
import type { Api } from '@playhead/kafka-protocol';
import { FrameSplitter } from '../proxy/frame-splitter.ts';

const TIMEOUT_MS = 20_000;

/** One connection straight to the broker, one request at a time: what checks the library must not read through it. */
export class BrokerConnection {
  readonly #socket: Socket;
  readonly #answers = new FrameSplitter();
  #waiting: { resolve: (frame: Buffer) => void; reject: (error: Error) => void } | undefined;
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      for (const frame of this.#answers.push(chunk)) this.#waiting?.resolve(frame);
    });
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('the broker has closed the connection')));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  }

  static connect(port: number): Promise<BrokerConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new BrokerConnection(socket));
      });
    });
  }

  /** Rejects when the connection is lost. */
  async send<In, Out>(api: Api<In, unknown, never, Out>, version: number, request: In): Promise<Out> {
    if (this.#socket.destroyed) throw new Error('the connection is closed');
    const answered = new Promise<Buffer>((resolve, reject) => (this.#waiting = { resolve, reject }));
    const envelope = { correlationId: ++this.#correlationId, clientId: 'check' };
    for (const chunk of encodeRequest(api, version, envelope, request)) this.#socket.write(chunk);
    const frame = await answered;
    this.#waiting = undefined;
    return decodeResponse(api, version, frame.subarray(8));
  }

  close(): void {
    this.#socket.destroy();
  }
}
