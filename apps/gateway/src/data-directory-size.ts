import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';

/** Entries looked at in one walk; what lies beyond is not counted. */
const MAX_ENTRIES = 100_000;

/**
 * A function that tells the bytes of all files under a directory, undefined when there is no such directory. It walks
 * at most once in `maxAgeMs`, however often it is asked.
 */
export function directorySize(
  directory: string,
  { maxAgeMs, now }: { readonly maxAgeMs: number; readonly now: () => number },
): () => Promise<number | undefined> {
  let walkedAt = -Infinity;
  let walk: Promise<number | undefined> = Promise.resolve(undefined);
  return () => {
    if (now() - walkedAt >= maxAgeMs) {
      walkedAt = now();
      walk = bytesUnder(directory);
    }
    return walk;
  };
}

async function bytesUnder(root: string): Promise<number | undefined> {
  const directories = [root];
  let bytes = 0;
  let entries = 0;
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    try {
      for await (const entry of await opendir(directory)) {
        if (++entries > MAX_ENTRIES) return bytes;
        const name = path.join(directory, entry.name);
        if (entry.isDirectory()) directories.push(name);
        else if (entry.isFile()) bytes += (await lstat(name)).size;
      }
    } catch {
      // Segments come and go while we look; only a root that is not there says something.
      if (directory === root) return undefined;
    }
  }
  return bytes;
}
