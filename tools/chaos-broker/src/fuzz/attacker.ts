import { connect, type Socket } from 'node:net';
import { apiVersionsApi, encodeRequest } from '@playhead/kafka-protocol';

/** How a bad frame ended: the connection goes on, was closed by the broker, or waits (as a JoinGroup or a frame that announces more than comes does). */
export type Outcome = 'answered' | 'refused' | 'waiting';

/** After so long a frame is taken to wait, and its connection is given up. */
const PATIENCE_MS = 40;
const SENTINEL_ID = 0x5e_47_11_e1;
const SENTINEL = Buffer.concat(
  encodeRequest(apiVersionsApi, 0, { correlationId: SENTINEL_ID, clientId: 'sentinel' }, {}),
);

/** Sends bad frames over one connection as long as that lives, each followed by a good one whose answer shows that it does. */
export class Attacker {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends one frame and says how it ended. Rejects when the broker takes no connections. */
  async send(frame: Buffer): Promise<Outcome> {
    const socket = (this.#socket ??= await this.#connect());
    const outcome = await new Promise<Outcome>((resolve) => {
      const timer = setTimeout(() => this.#end('waiting'), PATIENCE_MS);
      this.#settle = (how) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(how);
      };
      socket.write(frame);
      socket.write(SENTINEL);
    });
    if (outcome !== 'answered') this.close();
    return outcome;
  }

  close(): void {
    // No time in TIME_WAIT: there are more frames than ports.
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  #end(outcome: Outcome): void {
    this.#settle?.(outcome);
  }

  async #connect(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket === socket) this.#end('refused');
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket === socket) this.#take(chunk);
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 8) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const isSentinel = this.#received.readInt32BE(4) === SENTINEL_ID;
      this.#received = this.#received.subarray(end);
      if (isSentinel) this.#end('answered');
    }
  }
}
