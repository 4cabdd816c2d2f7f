import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { join } from 'node:path';
import { makeBatch } from '../../support/batches.ts';
import { compactOnce, consume, diesInSwap, Killed, tableOf, type SeenRecord } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const RUNS = Number(process.env['COMPACTION_RUNS'] ?? 40);
const TIMEOUT_MS = 600_000;
const KEYS = ['', 'a', 'b', 'c', 'd', 'a key that is rather long'];
const DELETE_RETENTION_MS = 50;

const record = fc.record({
  key: fc.constantFrom(...KEYS),
  value: fc.option(fc.string({ maxLength: 30 }), { freq: 3, nil: null }),
});
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      records: fc.array(record, { minLength: 1, maxLength: 5 }),
      producerId: fc.constantFrom(-1, 1, 2),
      compression: fc.constantFrom('none' as const, 'none' as const, 'gzip' as const, 'zstd' as const),
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

/** A log, what was written to it, and its producers' next sequence numbers. */
class History {
  directory = directories.make();
  readonly config: Readonly<Record<string, string>>;
  log;
  nowMs = 1000;
  readonly written: SeenRecord[] = [];
  readonly #sequences = new Map<number, number>();

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

  write(
    records: readonly { readonly key: string; readonly value: string | null }[],
    producerId: number,
    compression: 'none' | 'gzip' | 'zstd',
  ): void {
    const baseSequence = producerId < 0 ? -1 : (this.#sequences.get(producerId) ?? 0);
    const producer = producerId < 0 ? {} : { producerId, producerEpoch: 0, baseSequence };
    const batch = makeBatch(records, { ...producer, compression, timestampMs: this.nowMs });
    const baseOffset = this.written.length;
    expect(this.log.append(Buffer.from(batch), 8, this.nowMs)).toMatchObject({ errorCode: 0, baseOffset });
    for (const [i, { key, value }] of records.entries())
      this.written.push({ offset: baseOffset + i, key, value, timestampMs: this.nowMs + i });
    if (producerId < 0) return;
    this.#sequences.set(producerId, baseSequence + records.length);
    // A retry is recognised whatever became of the batch.
    expect(this.log.append(batch, 8, this.nowMs)).toMatchObject({ errorCode: 0, baseOffset });
  }

  /** What is in the log is part of what was written, in its order, and makes the same table. */
  check(): void {
    const seen = consume(this.log);
    for (const found of seen) expect(found).toEqual(this.written[found.offset]);
    const offsets = seen.map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(tableOf(seen)).toEqual(tableOf(this.written));
    expect([this.log.logStartOffset, this.log.nextOffset]).toEqual([0, this.written.length]);
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
            if (action.kind === 'write') history.write(action.records, action.producerId, action.compression);
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
          // Twice after the last: once more than the time of the tombstones, and none of them is left but in the open segment.
          history.log.closeOpenSegment();
          history.write([{ key: 'last', value: 'last' }], -1, 'none');
          for (const waitMs of [0, 2 * DELETE_RETENTION_MS, 2 * DELETE_RETENTION_MS]) {
            history.nowMs += waitMs;
            while (await compactOnce(history.log, { nowMs: history.nowMs }));
          }
          history.check();
          expect(consume(history.log).length).toBe(tableOf(history.written).size);
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
