import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const READ_WRITE = constants.O_RDWR | constants.O_CREAT;

/**
 * Keeps at most `maxOpen` log files open; the one used longest ago is closed when another is needed. All calls on files are synchronous:
 * they hit the page cache, where a thread pool's round trip costs ten times the read, so a handle can never be closed under a pending call.
 */
export class FilePool {
  readonly #maxOpen: number;
  /** In the order of last use. */
  readonly #open = new Set<PooledFile>();
  #lastUsed: PooledFile | null = null;

  constructor(maxOpen: number) {
    this.#maxOpen = maxOpen;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /** A file that is opened, and created if need be, at its first use. */
  file(path: string): PooledFile {
    return new PooledFile(path, this);
  }

  /** Notes a use; called by the file. */
  touch(file: PooledFile): void {
    if (file === this.#lastUsed) return;
    this.#open.delete(file);
    this.#open.add(file);
    this.#lastUsed = file;
    if (this.#open.size <= this.#maxOpen) return;
    for (const oldest of this.#open) {
      oldest.close();
      return;
    }
  }

  /** Forgets a file; called by the file. */
  forget(file: PooledFile): void {
    this.#open.delete(file);
    if (this.#lastUsed === file) this.#lastUsed = null;
  }
}

/** One file of the pool. Positions are given with every call, so there is no cursor to lose when the handle is reopened. */
export class PooledFile {
  readonly path: string;
  readonly #pool: FilePool;
  #fd = -1;
  /** Syncs under way: they run in the thread pool, so the handle must outlive them. */
  #syncs = 0;
  #closeAfterSync = false;

  constructor(path: string, pool: FilePool) {
    this.path = path;
    this.#pool = pool;
  }

  size(): number {
    return fstatSync(this.#handle()).size;
  }

  /** Reads up to the buffer's length from a position; answers how many bytes there were. */
  read(into: Buffer, position: number): number {
    const fd = this.#handle();
    let length = 0;
    while (length < into.length) {
      const got = readSync(fd, into, length, into.length - length, position + length);
      if (got === 0) break;
      length += got;
    }
    return length;
  }

  /** Writes all the bytes at a position or throws; after a throw the file may hold a part of them. */
  write(bytes: Buffer, position: number): void {
    const fd = this.#handle();
    for (let written = 0; written < bytes.length;) {
      written += writeSync(fd, bytes, written, bytes.length - written, position + written);
    }
  }

  truncate(size: number): void {
    ftruncateSync(this.#handle(), size);
  }

  /** Resolves when everything written so far is on the disk. */
  sync(): Promise<void> {
    const fd = this.#handle();
    this.#syncs++;
    return new Promise((resolve, reject) => {
      fdatasync(fd, (error) => {
        this.#syncs--;
        if (this.#closeAfterSync && this.#syncs === 0) this.#closeNow();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Closes the handle; the next use opens it again. */
  close(): void {
    if (this.#fd === -1) return;
    this.#pool.forget(this);
    if (this.#syncs > 0) this.#closeAfterSync = true;
    else this.#closeNow();
  }

  #closeNow(): void {
    closeSync(this.#fd);
    this.#fd = -1;
    this.#closeAfterSync = false;
  }

  #handle(): number {
    this.#pool.touch(this);
    this.#closeAfterSync = false;
    if (this.#fd === -1) this.#fd = openSync(this.path, READ_WRITE, 0o644);
    return this.#fd;
  }
}
