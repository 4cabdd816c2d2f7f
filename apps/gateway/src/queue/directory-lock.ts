import { createHash } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process has the directory. */
export class DirectoryInUseError extends Error {
  readonly code = 'DIRECTORY_IN_USE';

  constructor(directory: string) {
    super(`the directory ${directory} is in use by another gateway; PLAYHEAD_DATA_DIR has to be another one`);
    this.name = 'DirectoryInUseError';
  }
}

/**
 * Holds a directory for one process: a listening socket, which goes with the process however that ends. A file with a
 * process id would stay, and its number may be another process's by then. Resolves with what releases it; rejects with
 * `DirectoryInUseError`.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const digest = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 32);
  // In the temporary folder, because the path of a socket has 104 bytes at most.
  const path =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\playhead-gateway-${digest}`
      : join(tmpdir(), `playhead-gateway-${digest}.lock`);
  for (;;) {
    const server = await listen(path);
    if (server !== undefined) {
      return () =>
        new Promise((resolve) => {
          server.close(() => resolve());
        });
    }
    if (await isAnswered(path)) throw new DirectoryInUseError(directory);
    await rm(path, { force: true });
  }
}

/** Undefined when the path is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(server.unref()));
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
