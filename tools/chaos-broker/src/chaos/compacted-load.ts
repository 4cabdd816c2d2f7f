import type { RawClient } from '@playhead/embedded-kafka/testing';
import { createTopic, endOffset, type LogRecord, readToEnd } from '../one-partition.ts';
import { IdempotentProducer } from './idempotent-producer.ts';
import { Connection, type Load, type LoadContext, NoAnswer } from './load.ts';

const WHERE = { topic: 'compacted', partition: 0 };
const KEYS = 40;
const TOMBSTONE_ONE_IN = 10;
/** Many segments and no patience: every pass of the compactor finds something. */
const CONFIGS = {
  'cleanup.policy': 'compact',
  'segment.bytes': '20000',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '200',
};

/** Changes of a few keys on a compacted topic, and a reader that compares what it reads before and after a compaction. */
export class CompactedLoad implements Load {
  readonly name = 'a compacted topic';
  readonly #context: LoadContext;
  /** The acknowledged value of each key, null for a tombstone. */
  readonly #latest = new Map<string, string | null>();
  #sent = 0;
  #comparisons = 0;
  #nextComparison = Promise.withResolvers<void>();

  private constructor(context: LoadContext) {
    this.#context = context;
  }

  static async prepare(context: LoadContext, client: RawClient): Promise<CompactedLoad> {
    await createTopic(client, WHERE.topic, 1, CONFIGS);
    return new CompactedLoad(context);
  }

  async run(): Promise<void> {
    await Promise.all([this.#produce(), this.#compare()]);
  }

  async check(client: RawClient): Promise<void> {
    await this.#context.broker.maintain();
    const read = latestOf(await readToEnd(client, WHERE));
    for (const [key, value] of this.#latest) {
      const found = read.get(key)?.value ?? null;
      if (found !== value)
        this.#context.findings.add('lost', `${key} in a compacted topic is ${found}, acknowledged was ${value}`);
    }
  }

  /** How often what was read before a compaction was compared with what was read after it. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Resolves when the next comparison over a compaction is made; rejects never. */
  compared(): Promise<void> {
    return this.#nextComparison.promise;
  }

  describe(): string {
    return `${this.#sent} changes of ${KEYS} keys, read before and after a compaction ${this.#comparisons} times`;
  }

  async #produce(): Promise<void> {
    const { stopping, random } = this.#context;
    const producer = new IdempotentProducer(WHERE, this.#context);
    while (!stopping.aborted) {
      const records = Array.from({ length: 1 + random.below(30) }, () => ({
        key: `key ${random.below(KEYS)}`,
        value: random.below(TOMBSTONE_ONE_IN) === 0 ? null : `${this.#sent++} ${'.'.repeat(40)}`,
      }));
      await producer.send([records]);
      for (const { key, value } of records) this.#latest.set(key, value);
    }
    await producer.close();
  }

  async #compare(): Promise<void> {
    const { stopping, broker, findings } = this.#context;
    const connection = new Connection(broker);
    while (!stopping.aborted) {
      try {
        const end = await connection.ask((client) => endOffset(client, WHERE));
        const before = latestOf(await connection.ask((client) => readToEnd(client, WHERE)), end);
        const compactions = broker.compactions;
        // Killed meanwhile: the comparison then is one of before and after that.
        await broker.maintain();
        const after = latestOf(await connection.askUntilAnswered((client) => readToEnd(client, WHERE)));
        findings.add(
          'changed-by-compaction',
          changes(before, after, end).join(', '),
          changes(before, after, end).length,
        );
        if (broker.compactions > compactions) this.#countComparison();
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
      }
    }
    await connection.close();
  }

  #countComparison(): void {
    this.#comparisons++;
    this.#nextComparison.resolve();
    this.#nextComparison = Promise.withResolvers();
  }
}

/** The latest record of each key below an offset. */
function latestOf(records: readonly LogRecord[], end = Infinity): ReadonlyMap<string, LogRecord> {
  return new Map(records.filter(({ offset }) => offset < end).map((record) => [record.key ?? '', record]));
}

/** Keys whose latest value below `end` became another one. A later record takes its place, and a tombstone may go. */
function changes(
  before: ReadonlyMap<string, LogRecord>,
  after: ReadonlyMap<string, LogRecord>,
  end: number,
): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => {
    const now = after.get(key);
    if (now !== undefined && now.offset >= end) return false;
    return (before.get(key)?.value ?? null) !== (now?.value ?? null);
  });
}
