import { connect, type Socket } from 'node:net';
import { type Api, decodeResponse, encodeRequest, RecordBatchWriter } from '@playhead/kafka-protocol';

const REQUEST_TIMEOUT_MS = 30_000;

/** The plainest client there is: a socket, one request at a time per call, answers in order. For what no library lets one say. */
export class WireClient {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (frame: Buffer) => void; reject: (error: Error) => void }[] = [];
  #received: Buffer = Buffer.alloc(0);
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the broker closed the connection'));
    });
  }

  static async open(brokers: readonly string[]): Promise<WireClient> {
    const [host, port] = brokers[0]!.split(':') as [string, string];
    const socket = connect({ host, port: Number(port), noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    return new WireClient(socket);
  }

  /** Sends a request of a table and decodes its answer. */
  async send<In, Out>(api: Api<In, unknown, never, Out>, version: number, request: In): Promise<Out> {
    const correlationId = ++this.#correlationId;
    const frame = this.#answer();
    for (const chunk of encodeRequest(api, version, { correlationId, clientId: 'wire' }, request))
      this.#socket.write(chunk);
    const answer = await frame;
    if (answer.readInt32BE(0) !== correlationId)
      throw new Error(`answer ${answer.readInt32BE(0)} to request ${correlationId}`);
    return decodeResponse(api, version, answer.subarray(4));
  }

  /** Sends bytes as they are; resolves to the next frame without its size, rejects when the broker closes the connection. */
  async sendRaw(bytes: Buffer): Promise<Buffer> {
    const frame = this.#answer();
    this.#socket.write(bytes);
    return frame;
  }

  /** Sends a request that is never answered, such as a produce with acks 0. */
  sendOnly<In>(api: Api<In, unknown, never, unknown>, version: number, request: In): void {
    const correlationId = ++this.#correlationId;
    for (const chunk of encodeRequest(api, version, { correlationId, clientId: 'wire' }, request))
      this.#socket.write(chunk);
  }

  close(): void {
    this.#socket.destroy();
  }

  #answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`)),
        REQUEST_TIMEOUT_MS,
      );
      this.#waiting.push({
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const end = 4 + this.#received.readInt32BE(0);
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      this.#waiting.shift()?.resolve(frame);
    }
  }
}

/** Opens a client for one case and closes it whatever happens. */
export async function withWire<T>(brokers: readonly string[], use: (wire: WireClient) => Promise<T>): Promise<T> {
  const wire = await WireClient.open(brokers);
  try {
    return await use(wire);
  } finally {
    wire.close();
  }
}

export interface BatchIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** A sealed batch with these values, keyed by their index. */
export function batchOf(values: readonly string[], identity?: BatchIdentity): Buffer {
  const writer = new RecordBatchWriter();
  for (const [index, value] of values.entries()) writer.append(Date.now(), `k${index}`, value);
  return writer.seal(identity ?? {});
}
