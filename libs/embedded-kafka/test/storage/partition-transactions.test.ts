import { afterAll, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import fc from 'fast-check';
import { cpSync } from 'node:fs';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { makeBatch } from '../support/batches.ts';
import { readCommitted } from '../support/committed.ts';
import { openLog } from '../support/logs.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const allow = (): number => ErrorCode.NONE;

/** Appends a transactional batch; answers its offset. */
function write(log: PartitionLog, producerId: number, baseSequence: number, values = ['v'], producerEpoch = 0): number {
  const batch = makeBatch(values, { producerId, producerEpoch, baseSequence, isTransactional: true });
  const { errorCode, baseOffset } = log.append(batch, 8, 0, allow);
  expect(errorCode).toBe(ErrorCode.NONE);
  return baseOffset;
}

const end = (log: PartitionLog, producerId: number, committed: boolean, producerEpoch = 0): void =>
  log.endTransaction({ producerId, producerEpoch, committed }, 0);

/** The log as a start finds it that follows a kill at this moment. */
function killed(log: PartitionLog, config: Readonly<Record<string, string>> = {}): PartitionLog {
  const directory = directories.make();
  cpSync(log.directory, directory, { recursive: true });
  return openLog(directory, config);
}

describe('the last stable offset', () => {
  test('is the first offset of the oldest open transaction, and the end without one', () => {
    const log = openLog(directories.make());
    expect(log.lastStableOffset).toBe(0);
    log.append(makeBatch(['plain']), 8, 0);
    expect(log.lastStableOffset).toBe(1);
    write(log, 1, 0);
    write(log, 2, 0);
    write(log, 1, 1);
    expect(log.lastStableOffset).toBe(1);
    end(log, 1, true);
    expect(log.lastStableOffset).toBe(2);
    end(log, 2, false);
    expect([log.lastStableOffset, log.nextOffset]).toEqual([6, 6]);
    log.close();
  });

  test('is not before the start of the log', () => {
    const log = openLog(directories.make());
    write(log, 1, 0);
    log.append(makeBatch(['plain']), 8, 0);
    log.deleteRecordsBefore(1);
    expect(log.lastStableOffset).toBe(1);
    end(log, 1, true);
    expect(log.lastStableOffset).toBe(3);
    log.close();
  });

  test('counts bytes for who waits: none behind an open transaction, all of them when it ends', () => {
    const log = openLog(directories.make());
    log.append(makeBatch(['plain']), 8, 0);
    const stable = log.stableBytes;
    expect(stable).toBe(log.appendedBytes);
    write(log, 1, 0);
    log.append(makeBatch(['behind']), 8, 0);
    expect(log.stableBytes).toBe(stable);
    end(log, 1, true);
    expect(log.stableBytes).toBe(log.appendedBytes);
    log.close();
  });
});

describe('a transaction', () => {
  test('does not begin where the coordinator refuses, and nothing is stored', () => {
    const log = openLog(directories.make());
    const batch = makeBatch(['v'], { producerId: 1, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    for (const code of [ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_PRODUCER_EPOCH])
      expect(log.append(Buffer.from(batch), 8, 0, () => code).errorCode).toBe(code);
    expect([log.nextOffset, log.lastStableOffset]).toEqual([0, 0]);
    log.close();
  });

  test('is asked for once: what follows in it is not', () => {
    const log = openLog(directories.make());
    write(log, 1, 0);
    const batch = makeBatch(['w'], { producerId: 1, producerEpoch: 0, baseSequence: 1, isTransactional: true });
    expect(log.append(batch, 8, 0, () => ErrorCode.INVALID_TXN_STATE).errorCode).toBe(ErrorCode.NONE);
    log.close();
  });

  test('a marker of a greater epoch fences, and the sequences begin anew', () => {
    const log = openLog(directories.make());
    write(log, 1, 0);
    end(log, 1, false, 1);
    const batchOf = (producerEpoch: number, baseSequence: number): Buffer =>
      makeBatch(['w'], { producerId: 1, producerEpoch, baseSequence, isTransactional: true });
    expect(log.append(batchOf(0, 1), 8, 0, allow).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(log.append(batchOf(1, 1), 8, 0, allow).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(log.append(batchOf(1, 0), 8, 0, allow).errorCode).toBe(ErrorCode.NONE);
    log.close();
  });

  test('keeps its producer from being forgotten', () => {
    const log = openLog(directories.make());
    write(log, 1, 0);
    log.expireProducers(Number.MAX_SAFE_INTEGER);
    expect(write(log, 1, 1)).toBe(1);
    end(log, 1, true);
    log.expireProducers(Number.MAX_SAFE_INTEGER);
    // Unknown again, it may begin anywhere.
    expect(write(log, 1, 77)).toBe(3);
    log.close();
  });
});

describe('after kill -9', () => {
  test.each([
    ['without a checkpoint', () => undefined],
    ['with a checkpoint in the middle', (log: PartitionLog) => log.checkpoint()],
  ])('a start %s knows open and aborted transactions, and retries are no duplicates', (_, between) => {
    const log = openLog(directories.make());
    write(log, 1, 0, ['gone']);
    write(log, 2, 0, ['open']);
    end(log, 1, false);
    between(log);
    write(log, 3, 0, ['gone too']);
    write(log, 2, 1, ['still open']);
    end(log, 3, false);
    const again = killed(log);
    expect(again.lastStableOffset).toBe(1);
    expect(again.openTransactions()).toEqual([{ producerId: 2, producerEpoch: 0, firstOffset: 1 }]);
    expect(again.abortedWithin(0, 10)).toEqual([
      { producerId: 1, firstOffset: 0, lastOffset: 2 },
      { producerId: 3, firstOffset: 3, lastOffset: 5 },
    ]);
    expect(write(again, 2, 1, ['still open'])).toBe(4);
    end(again, 2, true);
    expect(readCommitted(again)).toEqual(['1:open', '4:still open']);
    again.close();
    log.close();
  });

  test('an aborted transaction of a tail that was cut off is open again', () => {
    const log = openLog(directories.make());
    write(log, 1, 0, ['a']);
    const again = killed(log);
    end(log, 1, false);
    log.checkpoint();
    // The checkpoint is newer than the log that came through.
    cpSync(log.directory, again.directory, { recursive: true, filter: (path) => !path.endsWith('.log') });
    const cut = openLog(again.directory);
    expect([cut.nextOffset, cut.lastStableOffset, cut.abortedWithin(0, 10)]).toEqual([1, 0, []]);
    log.close();
    again.close();
    cut.close();
  });
});

const PRODUCERS = [1, 2, 3];
const action = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('plain' as const), records: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      producer: fc.constantFrom(...PRODUCERS),
      records: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producer: fc.constantFrom(...PRODUCERS),
      committed: fc.boolean(),
      fences: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'checkpoint' as const },
      { kind: 'roll' as const },
      { kind: 'restart' as const },
      { kind: 'kill' as const },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('trim' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** A log beside what it should say. */
class Model {
  readonly config = { 'segment.bytes': '700' };
  log = openLog(directories.make(), this.config);
  readonly #records: { readonly text: string; readonly producer: number | null; fate: 'open' | 'kept' | 'gone' }[] = [];
  readonly #producers = new Map(PRODUCERS.map((id) => [id, { epoch: 0, sequence: 0 }]));
  #offset = 0;

  run(step: Action): void {
    switch (step.kind) {
      case 'plain':
        this.#note(this.log.append(makeBatch(this.#values(step.records)), 8, 0).baseOffset, step.records, null);
        break;
      case 'write':
        this.#write(step.producer, step.records);
        break;
      case 'end':
        this.#end(step.producer, step.committed, step.fences);
        break;
      case 'checkpoint':
        this.log.checkpoint();
        break;
      case 'roll':
        this.log.closeOpenSegment();
        break;
      case 'restart':
        this.log.close();
        this.log = openLog(this.log.directory, this.config);
        break;
      case 'kill': {
        const again = killed(this.log, this.config);
        this.log.close();
        this.log = again;
        break;
      }
      case 'trim':
        this.log.deleteRecordsBefore(Math.floor(step.part * this.log.lastStableOffset));
        break;
    }
  }

  check(): void {
    const { log } = this;
    const open = this.#records.findIndex((record) => record.fate === 'open');
    const stable = Math.max(log.logStartOffset, open === -1 ? this.#offset : open);
    expect([log.nextOffset, log.lastStableOffset]).toEqual([this.#offset, stable]);
    const kept = this.#records
      .map(({ text, fate }, offset) => ({ text: `${offset}:${text}`, fate, offset }))
      .filter(({ fate, offset, text }) => fate === 'kept' && !text.endsWith(':') && offset < stable);
    for (const from of new Set([log.logStartOffset, Math.floor((log.logStartOffset + stable) / 2)])) {
      const expected = kept.filter(({ offset }) => offset >= from).map(({ text }) => text);
      expect(readCommitted(log, from)).toEqual(expected);
    }
  }

  #write(id: number, records: number): void {
    const producer = this.#producers.get(id) as { epoch: number; sequence: number };
    const values = this.#values(records);
    const baseOffset = write(this.log, id, producer.sequence, values, producer.epoch);
    // A retry is recognised, whatever happened in between.
    expect(write(this.log, id, producer.sequence, values, producer.epoch)).toBe(baseOffset);
    producer.sequence += records;
    this.#note(baseOffset, records, id);
  }

  #end(id: number, committed: boolean, fences: boolean): void {
    const producer = this.#producers.get(id) as { epoch: number; sequence: number };
    if (fences) Object.assign(producer, { epoch: producer.epoch + 1, sequence: 0 });
    end(this.log, id, committed, producer.epoch);
    for (const record of this.#records)
      if (record.producer === id && record.fate === 'open') record.fate = committed ? 'kept' : 'gone';
    this.#records[this.#offset++] = { text: '', producer: null, fate: 'kept' };
  }

  #values(records: number): string[] {
    return Array.from({ length: records }, (_, i) => `r${this.#offset + i}`);
  }

  #note(baseOffset: number, records: number, producer: number | null): void {
    expect(baseOffset).toBe(this.#offset);
    for (const text of this.#values(records))
      this.#records[this.#offset++] = { text, producer, fate: producer === null ? 'kept' : 'open' };
  }
}

test('whatever is written, ended, rolled, trimmed and killed: readers of committed records see all of it below the last stable offset and nothing else', () => {
  const result = fc.check(
    fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (steps) => {
      const model = new Model();
      for (const step of steps) {
        model.run(step);
        model.check();
      }
      model.log.close();
    }),
    { numRuns: 60 },
  );
  process.stdout.write(`partition transactions: seed ${result.seed}, ${result.numRuns} runs\n`);
  if (result.failed) throw new Error(fc.defaultReportMessage(result) ?? 'failed');
});
