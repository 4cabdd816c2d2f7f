import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The system's limit on the path of a unix socket is 104 bytes or a little more. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Another broker has the data directory. */
export class DataDirectoryInUseError extends Error {
  constructor(dataDir: string) {
    super(`the data directory ${dataDir} is in use by another broker`);
    this.name = 'DataDirectoryInUseError';
  }
}

/**
 * Holds a data directory for one broker: a listening unix socket (a named pipe on Windows). It goes with its process, however that ends; a file with a
 * process id would not, and its number may be another process's by then.
 */
export class DataLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Creates the directory if need be. Rejects with {@link DataDirectoryInUseError}. */
  static async take(dataDir: string): Promise<DataLock> {
    mkdirSync(dataDir, { recursive: true });
    const path = socketPath(realpathSync(dataDir));
    for (;;) {
      const server = await listen(path);
      if (server !== null) return new DataLock(server);
      if (await isAnswered(path)) throw new DataDirectoryInUseError(dataDir);
      await removeStale(path);
    }
  }

  release(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function socketPath(dataDir: string): string {
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\playhead-broker-${digest}`;
  const inside = join(dataDir, 'broker.lock');
  return Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES ? inside : join(tmpdir(), `playhead-broker-${digest}.lock`);
}

/** Null when there is a socket at the path already. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Takes a dead broker's socket away, under a name of our own first: of two starts at once, the slower one may have got hold of the faster one's socket,
 * which still answers and is put back.
 */
async function removeStale(path: string): Promise<void> {
  const mine = `${path}.${process.pid}`;
  try {
    renameSync(path, mine);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (await isAnswered(mine)) renameSync(mine, path);
  else rmSync(mine, { force: true });
}
