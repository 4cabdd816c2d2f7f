import { setFlagsFromString } from 'node:v8';

/**
 * The old generation is collected when it has doubled. Where little outlives the young one, as in a service, V8 does it after a tenth: several times a
 * minute a pause of 7 to 40 ms, and threads beside it that take the cores from the other services for as long (docs/benchmarks.md).
 */
const COLLECT_WHEN_DOUBLED = '--heap-growing-percent=100';
/**
 * And never by V8's memory reducer, which takes a service that works a third of the time for idle: it compacted the guard's heap up to once in ten seconds
 * (docs/benchmarks.md). `--no-memory-reducer` is read only when the heap is made, before the program runs.
 */
const NEVER_AS_IDLE = '--memory-reducer-gc-count=0';

/** Settings of V8 for a process that answers all the time; to be called first of all: V8 ends the process if its memory reducer has collected before. The heap keeps what it had at its largest until it is collected next. */
export function collectRarely(): void {
  setFlagsFromString(COLLECT_WHEN_DOUBLED);
  setFlagsFromString(NEVER_AS_IDLE);
}
