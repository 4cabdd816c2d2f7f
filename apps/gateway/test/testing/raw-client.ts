import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A client of bytes: sends what it is given and sees whole answers, in their order. */
export class RawClient {
  readonly socket: Socket;
  #received = '';

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString('latin1')));
  }

  readonly send = (text: string): void => {
    this.socket.write(text);
  };

  /** The next answer, as soon as it is there. */
  readonly answer = async (): Promise<{ status: number; head: string; body: string }> => {
    for (;;) {
      const endOfHead = this.#received.indexOf('\r\n\r\n');
      const head = this.#received.slice(0, endOfHead);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const end = endOfHead + 4 + length;
      if (endOfHead !== -1 && this.#received.length >= end) {
        const body = this.#received.slice(endOfHead + 4, end);
        this.#received = this.#received.slice(end);
        return { status: Number(head.slice(9, 12)), head, body };
      }
      await once(this.socket, 'data');
    }
  };
}
