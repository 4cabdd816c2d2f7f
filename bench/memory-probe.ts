import { getHeapStatistics } from 'node:v8';

// Loaded into a process of the system with `--expose-gc --import`: answers over IPC what its memory is after a collection.

/** What a process says to `{ type: 'memory' }`, in bytes. */
export interface MemoryAnswer {
  readonly type: 'memory';
  /** Reachable in V8's heap: after two full collections. */
  readonly heapUsed: number;
  /** What V8 holds of the system for that heap, used or not. */
  readonly heapCommitted: number;
  /** Outside the heap, held by objects in it: buffers. */
  readonly external: number;
  /** All memory of the process that the system has in its own, after the collections. */
  readonly resident: number;
}

process.on('message', (message: { readonly type?: string }) => {
  if (message.type !== 'memory') return;
  globalThis.gc?.();
  // What a collection found dead is given back by callbacks, which run in a turn of their own.
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, external, rss: resident } = process.memoryUsage();
    const heapCommitted = getHeapStatistics().total_physical_size;
    const answer: MemoryAnswer = { type: 'memory', heapUsed, heapCommitted, external, resident };
    process.send?.(answer);
  });
});
