import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import type { HeapProfiler } from 'node:inspector';
import { promiseHooks } from 'node:v8';
import { CASES, makeInput } from './workload.ts';
import type { CaseName, Input } from './workload.ts';

/** What a contestant's process prints as its last line. */
export interface ContestantResult {
  readonly records: number;
  /** Records written to the output topic, and the sum of their values: the same for every contestant. */
  readonly outputs: number;
  readonly sum: number;
  /** User and system time of all threads: garbage collection and compilation are in it. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Put on the heap for a record: of a contestant in Node with `count` only, by sampling. Memory of buffers outside the heap is not in it. */
  readonly heapBytesPerRecord: number;
  /** Made during the pass; with `count` only. */
  readonly promises: number;
}

/** One pass over the input. `check` is called after the clock has stopped. */
export interface Pass {
  run(input: Input): void;
  check(): { readonly outputs: number; readonly sum: number };
}

const WARM_UP_PASSES = 2;
const SAMPLE_EVERY_MICROSECONDS = 200;
const SAMPLE_EVERY_BYTES = 4096;

/**
 * Runs a contestant: passes to warm up, then the one that counts, and prints the result. Arguments: case, records, and `time`, `count` (bytes and promises: costs time, so it is not timed) or
 * a path that a CPU profile and an allocation profile of the last pass are written to.
 */
export function compete(newPass: (name: CaseName, input: Input) => Pass): void {
  const [caseText, countText, mode = 'time'] = process.argv.slice(2);
  const name = CASES.find((known) => known === caseText);
  if (name === undefined) throw new RangeError(`case ${caseText}; allowed: ${CASES.join(', ')}`);
  const input = makeInput(name, Number(countText));
  for (let i = 0; i < WARM_UP_PASSES; i++) newPass(name, input).run(input);
  const pass = newPass(name, input);
  const run = (): void => pass.run(input);
  const result = mode === 'time' ? time(run) : mode === 'count' ? count(run, input.count) : profile(run, mode);
  console.log(`RESULT ${JSON.stringify({ records: input.count, ...result, ...pass.check() })}`);
}

type Measured = Omit<ContestantResult, 'records' | 'outputs' | 'sum'>;

function time(run: () => void): Measured {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  run();
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  return { cpuSeconds: (user + system) / 1e6, wallSeconds, heapBytesPerRecord: NaN, promises: 0 };
}

function count(run: () => void, records: number): Measured {
  let promises = 0;
  const stop = promiseHooks.onInit(() => promises++) as unknown as () => void;
  const session = startSampling();
  run();
  let bytes = 0;
  session.post('HeapProfiler.stopSampling', (_error, { profile: { head } }) => (bytes = bytesBelow(head)));
  stop();
  return { cpuSeconds: NaN, wallSeconds: NaN, heapBytesPerRecord: bytes / records, promises };
}

function bytesBelow({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + bytesBelow(child), selfSize);
}

/** Samples what is allocated, what is collected meanwhile included. */
function startSampling(): Session {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_EVERY_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  return session;
}

function profile(run: () => void, path: string): Measured {
  const session = startSampling();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROSECONDS });
  session.post('Profiler.start');
  const measured = time(run);
  session.post('Profiler.stop', (_error, { profile }) => writeFileSync(`${path}.cpuprofile`, JSON.stringify(profile)));
  session.post('HeapProfiler.stopSampling', (_error, { profile }) =>
    writeFileSync(`${path}.heapprofile`, JSON.stringify(profile)),
  );
  session.disconnect();
  return measured;
}
