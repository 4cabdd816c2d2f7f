import type { Socket } from 'node:net';
import type { BrokerLogger } from '../logger.ts';
import { readBuffers } from '../storage/read-buffers.ts';
import type { ConnectionContext, Dispatcher, Reply } from './dispatcher.ts';
import { FrameSplitter } from './frame-splitter.ts';

/** Reading stops while more than this waits behind a parked request, and goes on with it; below it a lost client is still noticed. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Bounds of one connection. */
export interface ConnectionOptions {
  readonly maxFrameBytes: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number;
  readonly logger: BrokerLogger;
}

/**
 * One client connection. Requests are handled one at a time, so responses leave in the order of their requests: a request that has to wait parks this
 * connection and no other. The next request is taken when the previous response has found room in the socket.
 *
 *   idle ──frame──▶ handling ──response written──▶ idle      handling ──socket full──▶ draining ──drain──▶ idle      any ──error, end──▶ closed
 */
export class Connection {
  readonly #socket: Socket;
  readonly #dispatcher: Dispatcher;
  readonly #frames: FrameSplitter;
  readonly #context: ConnectionContext;
  readonly #abort = new AbortController();
  #parked = false;
  #closed = false;

  constructor(socket: Socket, id: number, dispatcher: Dispatcher, options: ConnectionOptions) {
    this.#socket = socket;
    this.#dispatcher = dispatcher;
    this.#frames = new FrameSplitter(options.maxFrameBytes);
    this.#context = {
      connectionId: id,
      clientHost: `/${socket.remoteAddress ?? ''}`,
      signal: this.#abort.signal,
      logger: options.logger,
    };
    socket.setNoDelay(true);
    socket.setTimeout(options.idleTimeoutMs, () => this.close());
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.close());
    // What went wrong with a socket is the client's affair; its close follows.
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  /** Ends the connection at once and cancels what is parked on it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort();
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#frames.push(chunk);
    if (!this.#parked) this.#handleWaiting();
    else if (this.#frames.pendingBytes > MAX_WAITING_BYTES) this.#socket.pause();
  }

  #drained(): void {
    if (this.#socket.writableNeedDrain || !this.#parked) return;
    this.#unpark();
  }

  /** Handles what has come, until a request parks the connection. Responses of one go leave together. */
  #handleWaiting(): void {
    this.#socket.cork();
    try {
      while (!this.#parked && !this.#closed) {
        const frame = this.#frames.next();
        if (frame === null) break;
        const reply = this.#dispatcher.handle(frame, this.#context);
        if (reply instanceof Promise) this.#park(reply);
        else this.#send(reply);
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#socket.uncork();
  }

  #park(reply: Promise<Reply>): void {
    this.#parked = true;
    reply.then(
      (settled) => {
        if (this.#closed) return;
        this.#parked = false;
        this.#socket.cork();
        this.#send(settled);
        this.#socket.uncork();
        if (!this.#parked) this.#unpark();
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  #unpark(): void {
    this.#parked = false;
    if (this.#closed) return;
    this.#handleWaiting();
    if (!this.#parked && this.#socket.isPaused()) this.#socket.resume();
  }

  #send(reply: Reply): void {
    if (reply === 'nothing') return;
    if (reply === 'close') {
      this.close();
      return;
    }
    for (const chunk of reply) this.#socket.write(chunk, (error) => error ?? readBuffers.giveBack(chunk));
    if (this.#socket.writableNeedDrain) this.#parked = true;
  }

  #refuse(error: unknown): void {
    if (this.#closed) return;
    const { connectionId, clientHost, logger } = this.#context;
    logger.warn('connection closed: bad request or failed handler', { connectionId, clientHost, error: String(error) });
    this.close();
  }
}
