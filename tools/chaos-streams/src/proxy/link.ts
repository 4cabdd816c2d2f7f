import type { Socket } from 'node:net';
import { FrameSplitter } from './frame-splitter.ts';
import { advertise, isLookedAt, refusalOfZombie } from './response-rules.ts';

/** Requests without an answer that one connection may have. */
const MAX_UNANSWERED = 10_000;
const HEADER_BYTES = 12;

/** What a link tells its proxy. */
export interface LinkEvents {
  readonly advertisedPort: number;
  /** A request has arrived whole. True: it is kept back until `release`. */
  readonly onRequest: (link: Link, request: Request) => boolean;
  readonly onRefused: (apiKey: number, errorCode: number) => void;
  readonly onClose: (link: Link) => void;
}

/** The header of a request. */
export interface Request {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
}

/** A client's connection and the one to the broker that belongs to it. */
export class Link {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #events: LinkEvents;
  readonly #unanswered = new Map<number, Request>();
  /** A request that is kept back, and what the client sent after it; bounded by what a client sends without an answer. */
  #held: Buffer[] | undefined;
  /** The answer that the client does not get. */
  #lost = -1;
  #isClosed = false;

  constructor(client: Socket, broker: Socket, events: LinkEvents) {
    this.#client = client;
    this.#broker = broker;
    this.#events = events;
    for (const socket of [client, broker]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#ended(socket));
      socket.on('close', () => this.#ended(socket));
    }
    const requests = new FrameSplitter();
    const answers = new FrameSplitter();
    client.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) this.#request(frame);
    });
    broker.on('data', (chunk) => {
      for (const frame of answers.push(chunk)) this.#answer(frame);
    });
  }

  /** Sends on what was kept back, also when the client is gone by now. `losing`: the answer to this request cuts the connection. */
  release(losing?: Request): void {
    const held = this.#held;
    if (held === undefined || this.#isClosed) return;
    this.#held = undefined;
    this.#lost = losing?.correlationId ?? -1;
    forward(this.#client, this.#broker, held);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#client.destroy();
    this.#broker.destroy();
    this.#events.onClose(this);
  }

  /** What a client that is gone has sent may be on its way for as long as the network likes, and the broker answers it. */
  #ended(socket: Socket): void {
    const isAwaited = this.#held !== undefined || this.#unanswered.size > 0;
    if (socket !== this.#client || !isAwaited) this.close();
  }

  #request(frame: Buffer): void {
    const request = readHeader(frame);
    if (isLookedAt(request.apiKey) && this.#unanswered.size < MAX_UNANSWERED)
      this.#unanswered.set(request.correlationId, request);
    if (this.#held !== undefined) this.#held.push(frame);
    else if (this.#events.onRequest(this, request)) this.#held = [frame];
    else forward(this.#client, this.#broker, [frame]);
  }

  #answer(frame: Buffer): void {
    const correlationId = frame.readInt32BE(4);
    const request = this.#unanswered.get(correlationId);
    let chunks: readonly Buffer[] = [frame];
    if (request !== undefined) {
      this.#unanswered.delete(correlationId);
      const answer = { ...request, payload: frame.subarray(8) };
      const refusal = refusalOfZombie(answer);
      if (refusal !== undefined) this.#events.onRefused(answer.apiKey, refusal);
      chunks = advertise(answer, this.#events.advertisedPort) ?? chunks;
    }
    const isOver = this.#client.destroyed && this.#unanswered.size === 0;
    if (correlationId === this.#lost || isOver) this.close();
    else if (!this.#client.destroyed) forward(this.#broker, this.#client, chunks);
  }
}

/** Request header, version 1 or later: the length, API key, version, correlation id, client id. */
function readHeader(frame: Buffer): Request {
  const clientIdBytes = Math.max(0, frame.readInt16BE(HEADER_BYTES));
  const start = HEADER_BYTES + 2;
  return {
    apiKey: frame.readInt16BE(4),
    version: frame.readInt16BE(6),
    correlationId: frame.readInt32BE(8),
    clientId: frame.toString('utf8', start, start + clientIdBytes),
  };
}

/** Writes on, and reads no further while the other side does not take it. */
function forward(from: Socket, to: Socket, chunks: readonly Buffer[]): void {
  let isTaken = true;
  for (const chunk of chunks) isTaken = to.write(chunk);
  if (isTaken || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}
