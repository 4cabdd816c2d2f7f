import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Another process has the directory. */
export class DirectoryInUseError extends Error {
  readonly code = 'DIRECTORY_IN_USE';

  constructor(directory: string) {
    super(`the directory ${directory} is in use by another gateway; PLAYHEAD_DATA_DIR has to be another one`);
    this.name = 'DirectoryInUseError';
  }
}

type Release = () => Promise<void>;

/** Of BSD and macOS, see open(2): the file is opened and locked in one step. Node has no name for it. */
const O_EXLOCK = 0x20;

/**
 * Holds a directory for one process by what the system takes back when the process ends, however that ends: on Linux a
 * socket without a file, on Windows a pipe, else a lock of a file. Nothing dead ever lies there, so nobody has to find out
 * that it is dead and remove it, which two could do at once. On Linux among the processes of one network namespace: two
 * containers that share the volume are not kept apart; each needs a directory of its own. Resolves with what releases it;
 * rejects with `DirectoryInUseError`.
 */
export async function lockDirectory(directory: string): Promise<Release> {
  // Not by its path: containers that share a network may each have another directory there.
  const { dev, ino } = await stat(directory, { bigint: true });
  const release = await hold(directory, `playhead-gateway-${dev}-${ino}`);
  if (release === undefined) throw new DirectoryInUseError(directory);
  return release;
}

function hold(directory: string, name: string): Promise<Release | undefined> {
  if (process.platform === 'linux') return listenAt(`\0${name}`);
  if (process.platform === 'win32') return listenAt(`\\\\.\\pipe\\${name}`);
  return lockFile(join(directory, 'lock'));
}

/** Undefined when somebody listens there. */
function listenAt(path: string): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed());
          }),
      );
    });
  });
}

/** Undefined when somebody has locked it. The file itself stays. */
async function lockFile(path: string): Promise<Release | undefined> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK);
    return () => file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
