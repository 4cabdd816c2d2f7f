import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Clients get their ports from 32768 on (Linux) or 49152 (elsewhere): none of theirs is in the way of a server that starts again. */
const FIRST = 26_000;
const LAST = 32_000;

/** Ports of 127.0.0.1 on which nobody listens, no two the same, and none of `taken`, on which somebody will. */
export async function freePorts(count: number, taken: readonly number[] = []): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST, LAST);
    if (!taken.includes(port) && (await isFree(port))) ports.add(port);
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
