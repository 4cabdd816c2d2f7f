import { afterAll, expect, test } from '@jest/globals';
import { ControlType, RecordCursor } from '@playhead/kafka-protocol';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { makeBatch } from '../../support/batches.ts';
import { brief, compactOnce, consume, consumeCommitted, EAGER } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const NOW = 10_000;
const DELETE_RETENTION_MS = 1000;
const MAY_BEGIN = () => 0;
const MARKERS: Readonly<Record<number, string>> = { [ControlType.ABORT]: 'abort', [ControlType.COMMIT]: 'commit' };

function newLog(): PartitionLog {
  return openLog(directories.make(), { ...EAGER, 'delete.retention.ms': String(DELETE_RETENTION_MS) });
}

/** One transactional producer of a log. */
class Producer {
  readonly #log: PartitionLog;
  readonly #producerId: number;
  #sequence = 0;

  constructor(log: PartitionLog, producerId: number) {
    this.#log = log;
    this.#producerId = producerId;
  }

  write(...keys: readonly string[]): void {
    const records = keys.map((key) => ({ key, value: `${this.#producerId}` }));
    const options = {
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: this.#sequence,
      isTransactional: true,
    };
    expect(this.#log.append(makeBatch(records, options), 8, NOW, MAY_BEGIN).errorCode).toBe(0);
    this.#sequence += keys.length;
  }

  end(committed: boolean): void {
    this.#log.endTransaction({ producerId: this.#producerId, producerEpoch: 0, committed }, NOW);
  }
}

const plain = (log: PartitionLog, key: string, value: string): void => {
  expect(log.append(makeBatch([{ key, value }]), 8, NOW).errorCode).toBe(0);
};

/** Every batch as its base offset and what it is: its number of records, or the kind of marker. */
function batchesOf(log: PartitionLog): string[] {
  const found: string[] = [];
  for (let offset = 0; offset < log.nextOffset;) {
    const cursor = new RecordCursor().reset(log.read(offset, 1_000_000, true).records);
    while (cursor.nextBatch()) {
      const marker = cursor.isControl && cursor.next() ? MARKERS[cursor.controlType()] : undefined;
      found.push(`${cursor.baseOffset}:${marker ?? cursor.recordCount}`);
      offset = cursor.lastOffset + 1;
    }
  }
  return found;
}

test('records of an aborted transaction go at once, its marker after delete.retention.ms, and then the broker forgets it', async () => {
  const log = newLog();
  const producer = new Producer(log, 1);
  producer.write('a', 'b');
  producer.end(false);
  // Another one, so that the first batch is not the producer's last.
  producer.write('c');
  producer.end(true);
  log.closeOpenSegment();
  plain(log, 'z', '1');
  await compactOnce(log, { nowMs: NOW });
  expect(batchesOf(log)).toEqual(['2:abort', '3:1', '4:commit', '5:1']);
  expect(log.abortedWithin(0, 6)).toEqual([{ producerId: 1, firstOffset: 0, lastOffset: 2 }]);
  // The pass that found nothing of it sets the time of the marker.
  plain(log, 'y', '1');
  log.closeOpenSegment();
  plain(log, 'x', '1');
  await compactOnce(log, { nowMs: NOW + 100 });
  expect(batchesOf(log)[0]).toBe('2:abort');
  await compactOnce(log, { nowMs: NOW + 100 + DELETE_RETENTION_MS });
  expect(batchesOf(log)).toEqual(['3:1', '4:commit', '5:1', '6:1', '7:1']);
  expect(log.abortedWithin(0, 8)).toEqual([]);
  // It is forgotten for good: without its marker it would hide what the producer commits next.
  log.close();
  const reopened = openLog(log.directory, EAGER);
  expect(reopened.abortedWithin(0, 8)).toEqual([]);
  expect(brief(consumeCommitted(reopened))).toEqual(['3:c=1', '5:z=1', '6:y=1', '7:x=1']);
  reopened.close();
});

test('a record of an aborted transaction is not the latest of its key, in whichever segment', async () => {
  const log = newLog();
  const producer = new Producer(log, 1);
  plain(log, 'a', 'stays');
  log.closeOpenSegment();
  producer.write('a');
  log.closeOpenSegment();
  producer.end(false);
  log.closeOpenSegment();
  plain(log, 'z', '1');
  await compactOnce(log);
  expect(brief(consumeCommitted(log))).toEqual(['0:a=stays', '3:z=1']);
  log.close();
});

test('of overlapping transactions each comes out as it ended', async () => {
  const log = newLog();
  const [one, two] = [new Producer(log, 1), new Producer(log, 2)];
  one.write('a', 'b');
  two.write('a', 'c');
  one.write('d');
  two.end(true);
  one.end(false);
  plain(log, 'z', '1');
  log.closeOpenSegment();
  plain(log, 'y', '1');
  await compactOnce(log);
  expect(brief(consumeCommitted(log))).toEqual(['2:a=2', '3:c=2', '7:z=1', '8:y=1']);
  // The first batch has gone; the second, the producer's last, has left its header and with it the marker.
  expect(batchesOf(log)).toEqual(['2:2', '4:0', '5:commit', '6:abort', '7:1', '8:1']);
  await compactOnce(log, { nowMs: NOW + 10 * DELETE_RETENTION_MS });
  expect(batchesOf(log)).toContain('6:abort');
  log.close();
});

test('the marker of a committed transaction stays as long as a record of it', async () => {
  const log = newLog();
  const producer = new Producer(log, 1);
  producer.write('a', 'b');
  producer.end(true);
  producer.write('c');
  producer.end(true);
  log.closeOpenSegment();
  plain(log, 'a', '1');
  log.closeOpenSegment();
  plain(log, 'z', '1');
  for (const nowMs of [NOW, NOW + 5000]) await compactOnce(log, { nowMs });
  expect(batchesOf(log)).toEqual(['0:1', '2:commit', '3:1', '4:commit', '5:1', '6:1']);
  plain(log, 'b', '2');
  log.closeOpenSegment();
  plain(log, 'y', '1');
  await compactOnce(log, { nowMs: NOW + 6000 });
  expect(batchesOf(log)).toEqual(['2:commit', '3:1', '4:commit', '5:1', '6:1', '7:1', '8:1']);
  // Only a pass that finds nothing of it sets its time.
  log.closeOpenSegment();
  plain(log, 'x', '1');
  for (const nowMs of [NOW + 7000, NOW + 7000 + DELETE_RETENTION_MS]) await compactOnce(log, { nowMs });
  expect(batchesOf(log)).toEqual(['3:1', '4:commit', '5:1', '6:1', '7:1', '8:1', '9:1']);
  log.close();
});

test('nothing is compacted from the segment of the oldest open transaction on', async () => {
  const log = newLog();
  const producer = new Producer(log, 1);
  plain(log, 'a', '1');
  plain(log, 'a', '2');
  log.closeOpenSegment();
  producer.write('b');
  log.closeOpenSegment();
  plain(log, 'b', '1');
  plain(log, 'b', '2');
  log.closeOpenSegment();
  plain(log, 'z', '1');
  await compactOnce(log);
  expect(brief(consume(log))).toEqual(['1:a=2', '2:b=1', '3:b=1', '4:b=2', '5:z=1']);
  producer.end(true);
  await compactOnce(log);
  expect(brief(consume(log))).toEqual(['1:a=2', '4:b=2', '5:z=1']);
  log.close();
});
