// The states of a connection:
//
//            a plain request of a hot route            its answer is written
//   resting ───────────────────────────────▶ answering ─────────────────────▶ resting
//      │                                         │  (what comes meanwhile waits in the socket, unread)
//      │ any other chunk                         │ its answer, the other side has ended or the server closes
//      ▼                                         ▼
//   node:http's, for good                      closed
import type { Socket } from 'node:net';
import { answerText } from './answer.ts';
import { PlainCall } from './calls.ts';
import type { IdleConnections } from './idle-connections.ts';
import { plainRequest } from './plain-request.ts';
import type { PlainRequest } from './plain-request.ts';
import type { Route } from './route.ts';
import { runRoute } from './run-route.ts';
import type { RouteEnvironment } from './run-route.ts';
import { problemOf } from './send-reply.ts';

/** What plain connections serve, and with what. */
export interface PlainConnectionsOptions {
  /** By the request's line: `POST /v1/heartbeats HTTP/1.1`. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly environment: RouteEnvironment;
  readonly connections: Pick<IdleConnections, 'begun' | 'ended'>;
  /** Whether the server takes no more connections. */
  readonly isClosing: () => boolean;
}

/**
 * Connections on which nothing but plain requests has come, each a chunk of its own, as players send their beats: they are
 * read and answered here, for a node:http request and response with their streams and events cost two fifths of an
 * exchange (docs/decisions/0007-plain-requests.md). With the first chunk that is anything else a connection becomes
 * node:http's for good, that chunk included: parts of requests, whatever is odd, wrong or large, and all other routes.
 */
export class PlainConnections {
  readonly #options: PlainConnectionsOptions;
  readonly #open = new Set<PlainConnection>();

  constructor(options: PlainConnectionsOptions) {
    this.#options = options;
  }

  /** Serves a new connection. `handOver` is called when it is node:http's; what there is to read lies in the socket then. */
  serve(socket: Socket, handOver: () => void): void {
    const forget = (): void => void this.#open.delete(connection);
    const connection: PlainConnection = new PlainConnection(socket, this.#options, () => {
      socket.off('close', forget);
      forget();
      handOver();
    });
    this.#open.add(connection);
    socket.once('close', forget);
  }

  /** Closes those without a request. */
  closeIdle(): void {
    for (const connection of this.#open) connection.closeIfIdle();
  }

  closeAll(): void {
    for (const connection of this.#open) connection.close();
  }
}

class PlainConnection {
  readonly #socket: Socket;
  readonly #options: PlainConnectionsOptions;
  readonly #handOver: () => void;
  #isAnswering = false;
  /** The other side has sent its last, and all of it was read. */
  #isEnded = false;

  constructor(socket: Socket, options: PlainConnectionsOptions, handOver: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#handOver = handOver;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', ignore);
  }

  closeIfIdle(): void {
    if (!this.#isAnswering) this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const socket = this.#socket;
    if (this.#isAnswering) {
      // Before the end can be noticed, so that everything that came before it is answered.
      socket.pause();
      socket.unshift(chunk);
      return;
    }
    // One that does not read its answers is node:http's as well: it stops reading such a connection.
    const request = socket.writableLength === 0 ? plainRequest(chunk) : undefined;
    const route = request && this.#options.routes.get(request.line);
    if (request !== undefined && route !== undefined) {
      void this.#answer(route, request);
      return;
    }
    this.#stopReading();
    socket.off('error', ignore).unshift(chunk);
    this.#handOver();
  };

  readonly #onEnd = (): void => {
    this.#isEnded = true;
    if (!this.#isAnswering) this.#socket.end();
  };

  /** Never rejects. */
  async #answer(route: Route, request: PlainRequest): Promise<void> {
    const { connections, environment } = this.#options;
    const socket = this.#socket;
    this.#isAnswering = true;
    connections.begun(socket);
    try {
      const { reply, cors } = await runRoute(environment, route, new PlainCall(environment, request, socket));
      const closes = this.#isEnded || this.#options.isClosing();
      this.#write(answerText(reply, cors, { closes }), closes);
    } catch (error) {
      socket.destroy();
      environment.onFailure(problemOf(error), route);
    } finally {
      this.#isAnswering = false;
      connections.ended(socket);
    }
  }

  #write(text: string, closes: boolean): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (closes) {
      // What came behind the last request that is answered was not begun (RFC 9112, section 9.6).
      this.#stopReading();
      socket.end(text);
      socket.destroySoon();
      return;
    }
    socket.write(text);
    if (socket.isPaused()) socket.resume();
  }

  #stopReading(): void {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd);
  }
}

/** The socket closes by itself. */
const ignore = (): void => undefined;
