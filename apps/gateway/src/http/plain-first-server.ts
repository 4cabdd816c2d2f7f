import { Server } from 'node:http';
import type { ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { PlainConnections } from './plain-connections.ts';
import type { PlainConnectionsOptions } from './plain-connections.ts';

/**
 * node:http's server with `PlainConnections` in front. It is one server, not two: one of node:http that does not listen itself
 * puts no time limit on requests.
 */
export class PlainFirstServer extends Server {
  readonly #readByHttp: (socket: Socket) => void;
  #plain: PlainConnections | undefined;

  constructor(options: ServerOptions) {
    super(options);
    const [readByHttp] = this.listeners('connection') as ((socket: Socket) => void)[];
    if (readByHttp === undefined) throw new Error('node:http does not listen for connections');
    this.#readByHttp = readByHttp.bind(this);
    this.off('connection', readByHttp);
    // node:http goes on to keep connections in use, until they are cut in the middle of a request.
    this.on('request', (_request, response) => {
      if (!this.listening) response.shouldKeepAlive = false;
    });
  }

  /** Says what plain connections serve; to be called once, before it listens. */
  servePlain(options: Omit<PlainConnectionsOptions, 'isClosing'>): void {
    const plain = new PlainConnections({ ...options, isClosing: () => !this.listening });
    this.#plain = plain;
    this.on('connection', (socket: Socket) => plain.serve(socket, () => this.#readByHttp(socket)));
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    this.#plain?.closeIdle();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    this.#plain?.closeAll();
  }
}
