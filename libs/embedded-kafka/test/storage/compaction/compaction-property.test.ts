import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { join } from 'node:path';
import { makeBatch } from '../../support/batches.ts';
import {
  compactOnce,
  consume,
  consumeCommitted,
  diesInSwap,
  Killed,
  tableOf,
  type SeenRecord,
} from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const RUNS = Number(process.env['COMPACTION_RUNS'] ?? 40);
const TIMEOUT_MS = 600_000;
/** More than the smallest map holds. */
const KEYS = ['', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'a key that is rather long'];
const DELETE_RETENTION_MS = 50;

/** Producers from here on write in transactions. */
const FIRST_TRANSACTIONAL = 3;

const record = fc.record({
  key: fc.constantFrom(...KEYS),
  value: fc.option(fc.string({ maxLength: 30 }), { freq: 3, nil: null }),
});
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      records: fc.array(record, { minLength: 1, maxLength: 5 }),
      producerId: fc.constantFrom(-1, 1, 2, 3, 4),
      compression: fc.constantFrom('none' as const, 'none' as const, 'gzip' as const, 'zstd' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producerId: fc.constantFrom(3, 4),
      committed: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('compact' as const),
      mapBytes: fc.constantFrom(1, 700, 65_536),
      dies: fc.option(fc.record({ inSwap: fc.integer({ min: 1, max: 3 }), after: fc.nat(12) }), { freq: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), clean: fc.boolean() }) },
);

interface Write {
  readonly records: readonly { readonly key: string; readonly value: string | null }[];
  readonly producerId: number;
  readonly compression: 'none' | 'gzip' | 'zstd';
}
/** A record as it was written; what its transaction comes to is known later. */
type Written = SeenRecord & { readonly transaction: { isAborted: boolean } | null };

/** A log, what was written to it by offset (null is a marker), and its producers' next sequence numbers. */
class History {
  directory = directories.make();
  readonly config: Readonly<Record<string, string>>;
  log;
  nowMs = 1000;
  readonly #written: (Written | null)[] = [];
  readonly #sequences = new Map<number, number>();
  readonly #open = new Map<number, { isAborted: boolean }>();

  constructor(segmentBytes: number) {
    this.config = {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0',
      'delete.retention.ms': String(DELETE_RETENTION_MS),
      'segment.bytes': String(segmentBytes),
    };
    this.log = openLog(this.directory, this.config);
  }

  reopen(directory = this.directory): void {
    this.directory = directory;
    this.log = openLog(directory, this.config);
    expect(this.log.recovered.truncatedBytes).toBe(0);
  }

  write({ records, producerId, compression }: Write): void {
    const baseSequence = producerId < 0 ? -1 : (this.#sequences.get(producerId) ?? 0);
    const isTransactional = producerId >= FIRST_TRANSACTIONAL;
    const producer = producerId < 0 ? {} : { producerId, producerEpoch: 0, baseSequence, isTransactional };
    const batch = makeBatch(records, { ...producer, compression, timestampMs: this.nowMs });
    const baseOffset = this.#written.length;
    const append = (): unknown => this.log.append(Buffer.from(batch), 8, this.nowMs, () => 0);
    expect(append()).toMatchObject({ errorCode: 0, baseOffset });
    if (isTransactional && !this.#open.has(producerId)) this.#open.set(producerId, { isAborted: false });
    const transaction = this.#open.get(producerId) ?? null;
    for (const [i, { key, value }] of records.entries())
      this.#written.push({ offset: baseOffset + i, key, value, timestampMs: this.nowMs + i, transaction });
    if (producerId < 0) return;
    this.#sequences.set(producerId, baseSequence + records.length);
    // A retry is recognised whatever became of the batch.
    expect(append()).toMatchObject({ errorCode: 0, baseOffset });
  }

  end(producerId: number, committed: boolean): void {
    const transaction = this.#open.get(producerId);
    if (transaction === undefined) return;
    this.log.endTransaction({ producerId, producerEpoch: 0, committed }, this.nowMs);
    transaction.isAborted = !committed;
    this.#open.delete(producerId);
    this.#written.push(null);
  }

  endAll(): void {
    for (const producerId of this.#open.keys()) this.end(producerId, producerId % 2 === 0);
  }

  /** What a table of the records that are committed by now holds. */
  table(): Map<string | null, string> {
    const stable = this.#written.slice(0, this.log.lastStableOffset);
    return tableOf(
      stable.filter((written) => written !== null && written.transaction?.isAborted !== true) as Written[],
    );
  }

  /** What is in the log is part of what was written, in its order, and makes the same table. */
  check(): void {
    const seen = consume(this.log);
    for (const found of seen) expect(this.#written[found.offset]).toMatchObject(found);
    const offsets = seen.map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(tableOf(consumeCommitted(this.log))).toEqual(this.table());
    const open = new Set<unknown>(this.#open.values());
    const firstOpen = this.#written.findIndex((written) => open.has(written?.transaction));
    const end = this.#written.length;
    expect(this.log.lastStableOffset).toBe(firstOpen === -1 ? end : firstOpen);
    expect([this.log.logStartOffset, this.log.nextOffset]).toEqual([0, end]);
  }
}

test(
  'whatever was written, compacted and killed in between: the table of a log is that of all its writes',
  async () => {
    let compactions = 0;
    let kills = 0;
    const result = await fc.check(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 50 }),
        fc.constantFrom(150, 400, 2000),
        async (steps, segmentBytes) => {
          const history = new History(segmentBytes);
          for (const action of steps) {
            history.nowMs++;
            if (action.kind === 'write') history.write(action);
            else if (action.kind === 'end') history.end(action.producerId, action.committed);
            else if (action.kind === 'wait') history.nowMs += action.ms;
            else if (action.kind === 'roll') history.log.closeOpenSegment();
            else if (action.kind === 'restart') {
              if (action.clean) history.log.close();
              history.reopen();
            } else {
              const { mapBytes, dies } = action;
              const remains = join(directories.make(), 'remains');
              const view = dies === null ? history.log : diesInSwap(history.log, remains, dies.inSwap, dies.after);
              try {
                if (await compactOnce(history.log, { nowMs: history.nowMs, mapBytes, view })) compactions++;
              } catch (error) {
                if (!(error instanceof Killed)) throw error;
                kills++;
                history.reopen(remains);
              }
            }
            if (action.kind !== 'write') history.check();
          }
          // Once there was time for every tombstone to go, one record of each key is left.
          history.endAll();
          history.log.closeOpenSegment();
          history.write({ records: [{ key: 'last', value: 'last' }], producerId: -1, compression: 'none' });
          for (const waitMs of [0, 2 * DELETE_RETENTION_MS, 2 * DELETE_RETENTION_MS]) {
            history.nowMs += waitMs;
            while (await compactOnce(history.log, { nowMs: history.nowMs }));
            history.check();
          }
          expect(consume(history.log)).toHaveLength(history.table().size);
          history.log.close();
        },
      ),
      { numRuns: RUNS, endOnFailure: process.env['COMPACTION_NO_SHRINK'] !== undefined },
    );
    process.stdout.write(
      `compaction property: seed ${result.seed}, ${compactions} compactions, ${kills} kills within\n`,
    );
    if (result.failed) throw new Error(fc.defaultReportMessage(result), { cause: result.errorInstance });
    expect(kills).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
