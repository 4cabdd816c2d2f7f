import { afterAll, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { readdirSync } from 'node:fs';
import { FilePool, PooledFile } from '../../src/storage/file-pool.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { toLogConfig } from '../../src/storage/topic-config.ts';
import { makeBatch } from '../support/batches.ts';
import { brief, compactOnce, consume, EAGER } from '../support/compaction.ts';
import { openLog, readAll } from '../support/logs.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

/** A disk that takes half of a write and then has no room. */
class Disk extends FilePool {
  isFull = false;
  readonly #reason: string;

  constructor(reason = 'ENOSPC') {
    super(10);
    this.#reason = reason;
  }

  override file(path: string): PooledFile {
    const isFull = (): boolean => this.isFull;
    const reason = this.#reason;
    return new (class extends PooledFile {
      override write(bytes: Buffer, position: number): void {
        if (!isFull()) {
          super.write(bytes, position);
          return;
        }
        super.write(bytes.subarray(0, bytes.length / 2), position);
        throw Object.assign(new Error(reason), { code: reason });
      }
    })(path, this);
  }
}

test.each(['ENOSPC', 'EDQUOT', 'EIO'])(
  '%s is a storage error that leaves no trace, and appends go on when the disk takes them again',
  (reason) => {
    const disk = new Disk(reason);
    const directory = directories.make();
    const log = new PartitionLog({ directory, files: disk, config: toLogConfig({}), maxProducers: 10, durable: false });
    const producer = { producerId: 1, producerEpoch: 0 };
    expect(log.append(makeBatch(['a'], { ...producer, baseSequence: 0 }), 8, 0).errorCode).toBe(0);
    disk.isFull = true;
    const refused = log.append(makeBatch(['b'], { ...producer, baseSequence: 1 }), 8, 0);
    expect(refused.errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR);
    expect(refused.message).toContain(reason);
    expect(log.nextOffset).toBe(1);
    disk.isFull = false;
    // The sequence has not advanced either: the producer's retry is no duplicate.
    expect(log.append(makeBatch(['b'], { ...producer, baseSequence: 1 }), 8, 0)).toMatchObject({
      errorCode: 0,
      baseOffset: 1,
    });
    const reopened = openLog(directory);
    expect(reopened.recovered.truncatedBytes).toBe(0);
    expect(readAll(reopened)).toEqual(['0:a', '1:b']);
    reopened.close();
    log.close();
  },
);

test('a full disk ends a compaction, which leaves the log as it was and is done when there is room', async () => {
  const disk = new Disk();
  const directory = directories.make();
  const config = toLogConfig({ ...EAGER, 'segment.bytes': '10000' });
  const log = new PartitionLog({ directory, files: disk, config, maxProducers: 10, durable: false });
  for (const value of ['1', '2']) log.append(makeBatch([{ key: 'a', value }]), 8, 0);
  log.closeOpenSegment();
  disk.isFull = true;
  await expect(compactOnce(log)).rejects.toThrow('ENOSPC');
  expect(brief(consume(log))).toEqual(['0:a=1', '1:a=2']);
  expect(readdirSync(directory).filter((name) => /(cleaned|swap)\.\w+$/.test(name))).toEqual([]);
  disk.isFull = false;
  await expect(compactOnce(log)).resolves.toBe(true);
  expect(brief(consume(log))).toEqual(['1:a=2']);
  log.close();
});
