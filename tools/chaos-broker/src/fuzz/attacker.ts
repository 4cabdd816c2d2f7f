import { connect, type Socket } from 'node:net';
import { apiVersionsApi, encodeRequest } from '@playhead/kafka-protocol';
import type { Pinger } from './pinger.ts';

/** How a bad frame ended: the connection goes on, was closed by the broker, or waits (as a JoinGroup or a frame that announces more than comes does). */
export type Outcome = 'answered' | 'refused' | 'waiting';

/** After so many rounds of the pinger a frame is taken to wait, and its connection is given up. */
const PATIENCE_ROUNDS = 3;
const SENTINEL_ID = 0x5e_47_11_e1;
const SENTINEL = Buffer.concat(
  encodeRequest(apiVersionsApi, 0, { correlationId: SENTINEL_ID, clientId: 'sentinel' }, {}),
);

/** Sends bad frames over one connection as long as that lives, each followed by a good one whose answer shows that it does. */
export class Attacker {
  readonly #port: number;
  readonly #pinger: Pinger;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(port: number, pinger: Pinger) {
    this.#port = port;
    this.#pinger = pinger;
  }

  /** Sends one frame and says how it ended. Rejects when the broker takes no connections. */
  async send(frame: Buffer): Promise<Outcome> {
    if (this.#socket === undefined) {
      this.#socket = await connected(this.#port);
      this.#listen(this.#socket);
      // The broker takes one connection at a time from those that wait: until it has this one, nothing can be said about frames.
      await this.#sent(SENTINEL);
    }
    const outcome = this.#sent(frame, SENTINEL);
    const callOff = this.#pinger.after(PATIENCE_ROUNDS, () => this.#settle?.('waiting'));
    const how = await outcome;
    callOff();
    if (how !== 'answered') this.close();
    return how;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  /** Writes and waits for what comes of it. */
  #sent(...frames: readonly Buffer[]): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle = (how) => {
        this.#settle = undefined;
        resolve(how);
      };
      if (this.#socket?.destroyed === true) this.#settle('refused');
      for (const frame of frames) this.#socket?.write(frame);
    });
  }

  #listen(socket: Socket): void {
    socket.on('close', () => {
      if (this.#socket === socket) this.#settle?.('refused');
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket === socket) this.#take(chunk);
    });
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 8) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const isSentinel = this.#received.readInt32BE(4) === SENTINEL_ID;
      this.#received = this.#received.subarray(end);
      if (isSentinel) this.#settle?.('answered');
    }
  }
}

let connections = 0;

/** A connection from one of many loopback addresses where there are many: one has fewer ports than there are frames. */
async function connected(port: number): Promise<Socket> {
  const from = process.platform === 'linux' ? { localAddress: `127.0.0.${2 + (connections++ % 200)}` } : {};
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, ...from });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return socket;
}
