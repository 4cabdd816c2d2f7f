import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const CHUNK_BYTES = 64 * 1024;
/** A longer line is none of ours and is left out. */
const MAX_LINE_BYTES = 16 * 1024;

/** How a log is followed. */
export interface LogTailOptions {
  readonly path: string;
  /** `end`: only what is written from now on. */
  readonly from: 'start' | 'end';
  readonly pollMs: number;
  /** Called for each whole line, in order; the next one waits for it. */
  readonly onLine: (line: string) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** Follows a log file that grows, that is cut and that is replaced by another one of its name, until the signal. */
export async function followLog({ path, from, pollMs, onLine, signal }: LogTailOptions): Promise<void> {
  let file: FileHandle | undefined;
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  let atEnd = from === 'end';
  let isOver = false;
  try {
    while (!signal.aborted) {
      if (file === undefined) {
        file = await open(path, 'r').catch(() => undefined);
        position = atEnd && file !== undefined ? (await file.stat()).size : 0;
        // What is made after we began is read from its start.
        atEnd = false;
        rest = Buffer.alloc(0);
        isOver = false;
      }
      const chunk = file === undefined ? undefined : await readOn(file, position);
      if (chunk === undefined || chunk.length === 0) {
        if (file !== undefined && isOver) {
          await file.close();
          file = undefined;
        } else if (file !== undefined && (await hasEnded(file, path, position))) {
          // What was written between that read and the rotation is read first.
          isOver = true;
        } else await sleep(pollMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      position += chunk.length;
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        if (end <= MAX_LINE_BYTES) await onLine(rest.toString('utf8', 0, end));
        rest = rest.subarray(end + 1);
      }
      // What is kept of a line that is too long is too long itself: its end, when it comes, is no line.
      if (rest.length > MAX_LINE_BYTES + 1) rest = rest.subarray(0, MAX_LINE_BYTES + 1);
    }
  } finally {
    await file?.close();
  }
}

async function readOn(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** Whether the file was cut, or another one has its name and is written to: until then the writer may still have this one. */
async function hasEnded(file: FileHandle, path: string, position: number): Promise<boolean> {
  const own = await file.stat();
  if (own.size < position) return true;
  const named = await stat(path).catch(() => undefined);
  return named !== undefined && named.size > 0 && (named.ino !== own.ino || named.dev !== own.dev);
}
