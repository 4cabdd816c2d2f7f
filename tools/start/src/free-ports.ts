import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Clients get their ports from 32768 on (Linux) or 49152 (elsewhere): none of theirs is in the way of a server that starts again. */
const FIRST = 26_000;
const LAST = 32_000;

/** Ports of 127.0.0.1 on which nobody listens, no two the same, none of `taken`, on which somebody will, and none that another living process got here. They stay this process's until it ends. */
export async function freePorts(count: number, taken: readonly number[] = []): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST, LAST);
    if (!taken.includes(port) && (await claim(port)) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/** Nobody listens on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Holds the port for this process until it ends, from before a server of it listens: by the UDP port of the same number, which no server here uses. */
function claim(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') socket.close(() => resolve(false));
      else reject(error);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}
