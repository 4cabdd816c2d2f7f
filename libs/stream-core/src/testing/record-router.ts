import type { GlobalStores } from '../runtime/global-stores.ts';
import type { DriverLog } from './driver-log.ts';
import type { DriverTask } from './driver-task.ts';
import type { PagedRecord } from './paged-record.ts';

/** Hands records to whoever reads their partition, with their offsets. */
export class RecordRouter {
  readonly #log: DriverLog;
  readonly #globals: GlobalStores;
  readonly #globalTopics: ReadonlySet<string>;
  /** By topic, then partition. */
  readonly #readers = new Map<string, DriverTask[]>();
  readonly #nextOffsets = new Map<string, number[]>();
  /** Records of the log that have been handed over. */
  #routed = 0;

  constructor({ log, globals }: { log: DriverLog; globals: GlobalStores }, tasks: readonly DriverTask[]) {
    this.#log = log;
    this.#globals = globals;
    this.#globalTopics = new Set(globals.topics);
    for (const task of tasks) {
      for (const { topic, partition } of task.task.inputs) {
        const readers = this.#readers.get(topic) ?? [];
        readers[partition] = task;
        this.#readers.set(topic, readers);
      }
    }
  }

  isRead(topic: string): boolean {
    return this.#readers.has(topic) || this.#globalTopics.has(topic);
  }

  /** Hands over what the log has got since the last call. */
  route(): void {
    const { records } = this.#log;
    while (this.#routed < records.length) this.receive(records[this.#routed++] as PagedRecord);
  }

  /** Hands a record to whoever reads its topic; to nobody, if nobody does. */
  receive(record: PagedRecord): void {
    const { topic, partition } = record;
    const isGlobal = this.#globalTopics.has(topic);
    const reader = this.#readers.get(topic)?.[partition];
    if (!isGlobal && reader === undefined) return;
    let offsets = this.#nextOffsets.get(topic);
    if (offsets === undefined) this.#nextOffsets.set(topic, (offsets = []));
    const offset = offsets[partition] ?? 0;
    offsets[partition] = offset + 1;
    if (isGlobal) {
      this.#globals.update(record, record.key, record.value, record.timestamp, offset);
      return;
    }
    this.#log.keepSource(record);
    reader?.receive(record, offset);
  }
}
