import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import {
  apiVersionsApi,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  fetchApi,
  apis,
  findApi,
  findCoordinatorApi,
  initProducerIdApi,
  metadataApi,
} from '@playhead/kafka-protocol';
import type { AnyApi, Api } from '@playhead/kafka-protocol';

/** What a script returns instead of an answer. */
export const Fault = { NO_ANSWER: Symbol('no answer'), DROP: Symbol('drop the socket') } as const;
type FaultSymbol = (typeof Fault)[keyof typeof Fault];

/** One request as a broker received it. */
export interface ReceivedRequest {
  readonly api: string;
  readonly version: number;
  readonly body: unknown;
  /** 1 for the first socket that was ever accepted, and so on. */
  readonly connection: number;
}

type Script = (request: never, received: ReceivedRequest) => unknown;

/**
 * A Kafka broker that says what a test tells it to, over TCP. Like a real one it works on one request of a socket at a
 * time. Unless scripted it offers every API of the protocol library, leads all partitions, coordinates all groups,
 * hands out producer ids and has nothing to fetch.
 */
export class ScriptedBroker {
  /** Topics that the default metadata script knows: name to partition count. */
  readonly topics = new Map<string, number>();
  readonly requests: ReceivedRequest[] = [];
  /** Sockets accepted so far. */
  accepted = 0;
  readonly #scripts = new Map<number, Script>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #arrived: number[] = [];
  #producerIds = 1_000;
  #port = 0;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
    this.on(apiVersionsApi, () => ({
      errorCode: 0,
      apiKeys: Array.from(OFFERED, ({ key, minVersion, maxVersion }) => ({ apiKey: key, minVersion, maxVersion })),
    }));
    this.on(metadataApi, ({ topics }) =>
      this.metadata(topics?.map(({ name }) => name ?? '') ?? [...this.topics.keys()]),
    );
    this.on(findCoordinatorApi, () => ({ nodeId: 1, host: '127.0.0.1', port: this.#port }));
    this.on(initProducerIdApi, () => ({ errorCode: 0, producerId: this.#producerIds++, producerEpoch: 0 }));
    // Held for ever, like a long poll on a topic that nobody writes to.
    this.on(fetchApi, () => Fault.NO_ANSWER);
  }

  static async start(): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker();
    await broker.listen();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** On the same port as before, if there was one. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address !== null && typeof address === 'object') this.#port = address.port;
        resolve();
      });
    });
  }

  /** Replaces what is answered to an API. Returning a `Fault` gives no answer, or none and no socket. */
  on<RequestOut, ResponseIn>(
    api: Api<never, RequestOut, ResponseIn, unknown>,
    script: (
      request: RequestOut,
      received: ReceivedRequest,
    ) => ResponseIn | FaultSymbol | Promise<ResponseIn | FaultSymbol>,
  ): void {
    this.#scripts.set(api.key, script);
  }

  /** The default answer to a metadata request. `leaderless` topics have no leader at all. */
  metadata(names: readonly string[], leaderless: readonly string[] = []) {
    return {
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: this.#port }],
      controllerId: 1,
      topics: names.map((name) => ({
        name,
        errorCode: this.topics.has(name) ? 0 : 3,
        partitions: Array.from({ length: this.topics.get(name) ?? 0 }, (_, partitionIndex) => ({
          errorCode: leaderless.includes(name) ? 5 : 0,
          partitionIndex,
          leaderId: leaderless.includes(name) ? -1 : 1,
          replicaNodes: [1],
          isrNodes: [1],
        })),
      })),
    };
  }

  received(api: AnyApi): ReceivedRequest[] {
    return this.requests.filter((request) => request.api === api.name);
  }

  /** How many requests of an API have come in, those that are not worked on yet too. */
  arrived({ key }: AnyApi): number {
    return this.#arrived.filter((arrived) => arrived === key).length;
  }

  dropAllSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<void> {
    this.dropAllSockets();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    const connection = ++this.accepted;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let unread = Buffer.alloc(0);
    let turn = Promise.resolve();
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const size = unread.readInt32BE(0);
        const frame = unread.subarray(4, 4 + size);
        unread = unread.subarray(4 + size);
        this.#arrived.push(decodeRequestHeader(frame).apiKey);
        turn = turn.then(() => this.#answer(socket, connection, frame));
      }
    });
  }

  async #answer(socket: Socket, connection: number, frame: Buffer): Promise<void> {
    const header = decodeRequestHeader(frame);
    const api = findApi(header.apiKey);
    if (api === undefined) throw new Error(`no API ${header.apiKey}`);
    const received = { api: api.name, version: header.apiVersion, body: decodeRequest(api, header, frame), connection };
    this.requests.push(received);
    const script = this.#scripts.get(header.apiKey);
    const answer = script === undefined ? Fault.DROP : await script(received.body as never, received);
    if (answer === Fault.DROP) socket.destroy();
    else if (answer !== Fault.NO_ANSWER) {
      for (const chunk of encodeResponse(api, header.apiVersion, header.correlationId, answer as never))
        socket.write(chunk);
    }
  }
}

const OFFERED = apis;
