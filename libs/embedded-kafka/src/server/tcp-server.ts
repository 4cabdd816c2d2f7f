import { createServer, type Server, type Socket } from 'node:net';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';

/** Where to listen and how many may come. */
export interface TcpServerOptions extends ConnectionOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Connections beyond so many are closed at once. */
  readonly maxConnections: number;
}

/** The listening socket and its connections. */
export class TcpServer {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #options: TcpServerOptions;
  #dispatcher: Dispatcher | null = null;
  #nextConnectionId = 1;

  private constructor(options: TcpServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Takes the port. Rejects with the system's error (EADDRINUSE) if it is taken. */
  static async listen(options: TcpServerOptions): Promise<TcpServer> {
    const server = new TcpServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen({ host: options.host, port: options.port }, () => {
        server.#server.off('error', reject);
        // Too many open files, for example: a connection that cannot be accepted is not to end the broker.
        server.#server.on('error', (error) => {
          options.logger.error('connection not accepted', { reason: String(error) });
        });
        resolve();
      });
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
    return address.port;
  }

  /** Connections are refused until there is someone to answer them. */
  serve(dispatcher: Dispatcher): void {
    this.#dispatcher = dispatcher;
  }

  /** Stops listening and ends all connections at once. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    await closed;
  }

  #accept(socket: Socket): void {
    const { maxConnections, logger } = this.#options;
    if (this.#dispatcher === null || this.#connections.size >= maxConnections) {
      if (this.#dispatcher !== null) logger.warn('connection refused: maxConnections reached', { maxConnections });
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#nextConnectionId++, this.#dispatcher, this.#options);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }
}
