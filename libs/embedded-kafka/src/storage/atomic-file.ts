import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file's content so that a reader, or a start after a crash, finds the old content or the new one and never a mixture.
 * With `durable` it also survives a power failure before this returns.
 */
export function writeFileAtomically(
  path: string,
  content: string | Buffer,
  options: { readonly durable?: boolean } = {},
): void {
  const temporary = `${path}.tmp`;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const fd = openSync(temporary, 'w');
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
    if (options.durable === true) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  if (options.durable === true) syncDirectory(dirname(path));
}

/** Forces the names in a directory to the disk: a new file, or one that took another's place, is not there after a power failure otherwise. */
export function syncDirectory(directory: string): void {
  // Windows opens no directories and keeps names with their files.
  if (process.platform === 'win32') return;
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The file's content, or null where there is no such file. */
export function readFileIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
