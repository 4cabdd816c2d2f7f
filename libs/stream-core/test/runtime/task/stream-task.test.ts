import { describe, expect, test } from '@jest/globals';
import type { Codec, Serde, Topology } from '@playhead/stream-core';
import {
  PendingCodecError,
  SerdeError,
  StreamsBuilder,
  continueOnError,
  deadLetterOnError,
  serdes,
} from '@playhead/stream-core';
import { TEXT, at, batch, copying, fetched, makeTask, valuesOf } from './task-fixture.ts';

describe('what a task does with records it cannot read or process', () => {
  const poisoned = (): Topology =>
    copying((builder) =>
      builder
        .stream<string, number>('in', { key: serdes.string, value: serdes.json<number>() })
        .mapValues((value) => {
          if (value === 13) throw new RangeError('unlucky');
          return String(value);
        })
        .to('out', TEXT),
    );
  const input = fetched('in', 0, 4, [batch(0, [at(1, '1'), at(2, 'no json'), at(3, '13'), at(4, '2')])]);

  test('fails by default, before the record, and would fail again', () => {
    const { task, log } = makeTask(poisoned());
    task.initialize();
    task.addRecords(input);
    const place = expect.objectContaining({ topic: 'in', partition: 0, offset: 1, task: '0_0' });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => task.process(100)).toThrow(expect.objectContaining({ code: 'STREAMS_PROCESSOR', context: place }));
    }
    expect(() => task.process(100)).toThrow(/in-0 offset 1 failed .* no JSON/);
    expect([task.processedRecords, task.commitNeeded]).toEqual([1, true]);
    expect([valuesOf(log), task.position('in')]).toEqual([['1'], 1]);
  });

  test('continues where the handlers say so, and counts by reason', () => {
    const handlers = { deserializationHandler: continueOnError, processingHandler: continueOnError };
    const { task, log } = makeTask(poisoned(), handlers);
    task.initialize();
    task.addRecords(input);
    expect(task.process(100)).toBe(4);
    expect(valuesOf(log)).toEqual(['1', '2']);
    expect(Object.fromEntries(task.dropped)).toEqual({ 'deserialization-error': 1, 'processing-error': 1 });
  });

  test('keeps dead letters with the bytes and headers as received and the reason in further headers', () => {
    const handlers = { deserializationHandler: deadLetterOnError, processingHandler: deadLetterOnError };
    const { task, log } = makeTask(poisoned(), handlers);
    task.initialize();
    const headers = [{ key: 'own', value: Buffer.from('h') }];
    task.addRecords(fetched('in', 40, 41, [batch(40, [{ ...at(5, 'no json'), headers }])]));
    task.process(100);
    const [letter] = log.records;
    expect([letter?.topic, letter?.key?.toString(), letter?.value?.toString(), letter?.timestamp]).toEqual([
      'in.dead-letter',
      'k',
      'no json',
      5,
    ]);
    const texts = Object.fromEntries(
      (letter?.headers ?? []).map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]),
    );
    expect(texts).toMatchObject({
      own: 'h',
      '__streams.errors.exception': 'SerdeError',
      '__streams.errors.message': 'these bytes are no JSON',
      '__streams.errors.topic': 'in',
      '__streams.errors.partition': '0',
      '__streams.errors.offset': '40',
    });
    expect(texts['__streams.errors.stacktrace']).toContain('SerdeError');
    expect(task.deadLetters).toBe(1);
  });

  test('an error in one branch drops the record there only', () => {
    const topology = copying((builder) => {
      const source = builder.stream<string, string>('in', TEXT);
      source
        .mapValues((): string => {
          throw new Error('always');
        })
        .to('out-a', TEXT);
      source.to('out');
    });
    const { task, log } = makeTask(topology, { processingHandler: continueOnError });
    task.initialize();
    task.addRecords(fetched('in', 0, 1, [batch(0, [at(1)])]));
    task.process(100);
    expect([valuesOf(log), valuesOf(log, 'out-a')]).toEqual([['v1'], []]);
  });
});

describe('a codec that has to load something', () => {
  /** Knows the values that were loaded; others make it load. */
  function loading(load: (value: string) => Promise<void>): Serde<string> {
    const known = new Set<string>();
    const codec: Codec<string> = {
      serialize: (value) => Buffer.from(value),
      deserialize(bytes) {
        const value = Buffer.from(bytes).toString();
        if (known.has(value)) return value;
        throw new PendingCodecError(load(value).then(() => void known.add(value)));
      },
    };
    return { open: () => codec };
  }

  test('leaves the record where it is, and goes on with it when it is loaded', async () => {
    const value = loading(() => Promise.resolve());
    const { task, log } = makeTask(copying((builder) => builder.stream('in', { ...TEXT, value }).to('out')));
    task.initialize();
    task.addRecords(fetched('in', 0, 2, [batch(0, [at(1), at(2)])]));
    expect([task.process(100), task.process(100), task.position('in')]).toEqual([0, 0, 0]);
    await task.pending;
    expect(task.process(100)).toBe(1);
    await task.pending;
    expect([task.process(100), task.pending]).toEqual([1, undefined]);
    expect(valuesOf(log)).toEqual(['v1', 'v2']);
  });

  test('a SerdeError is its last word: the record goes to the handler', async () => {
    const value = loading(() => Promise.reject(new SerdeError('no such schema')));
    const topology = copying((builder) => builder.stream('in', { ...TEXT, value }).to('out'));
    const { task } = makeTask(topology, { deserializationHandler: continueOnError });
    task.initialize();
    task.addRecords(fetched('in', 0, 1, [batch(0, [at(1)])]));
    task.process(100);
    await task.pending;
    expect(task.process(100)).toBe(1);
    expect(Object.fromEntries(task.dropped)).toEqual({ 'deserialization-error': 1 });
  });

  test('any other error is tried again', async () => {
    let attempts = 0;
    const value = loading(() => (++attempts < 3 ? Promise.reject(new Error('registry away')) : Promise.resolve()));
    const { task, log } = makeTask(copying((builder) => builder.stream('in', { ...TEXT, value }).to('out')));
    task.initialize();
    task.addRecords(fetched('in', 0, 1, [batch(0, [at(1)])]));
    while (task.process(100) === 0) await task.pending;
    expect([attempts, valuesOf(log)]).toEqual([3, ['v1']]);
  });
});

describe('what a task commits', () => {
  const counting = (): Topology =>
    copying((builder) => builder.stream('in', TEXT).groupByKey().count({ storeName: 'c' }));

  test('offsets of the next record with the partition’s time, from which another task goes on', () => {
    const { task } = makeTask(counting());
    task.initialize();
    expect([task.prepareCommit(), task.commitNeeded]).toEqual([[], false]);
    task.addRecords(fetched('in', 0, 2, [batch(0, [at(50), at(20)])]));
    task.process(1);
    expect(task.commitNeeded).toBe(true);
    const committed = task.prepareCommit();
    expect(committed).toEqual([{ topic: 'in', partition: 0, offset: 1, metadata: '{"partitionTimeMs":50}' }]);
    task.markCommitted();
    expect(task.commitNeeded).toBe(false);

    const { task: next } = makeTask(counting());
    next.initialize(committed);
    expect([next.position('in'), next.streamTimeMs]).toEqual([1, 50]);
  });

  test('metadata that is not ours tells no time', () => {
    const { task } = makeTask(counting());
    task.initialize([{ topic: 'in', partition: 0, offset: 3, metadata: 'AgAAAYs=' }]);
    expect([task.position('in'), task.streamTimeMs]).toEqual([3, -1]);
  });

  test('a store comes back from its changelog without logging it again', () => {
    const { task, log } = makeTask(counting());
    task.initialize();
    task.addRecords(fetched('in', 0, 2, [batch(0, [at(1), at(2)])]));
    task.process(10);
    const { task: next, log: quiet } = makeTask(counting());
    const [changelog] = next.changelogs;
    expect(changelog?.topic).toBe('app-c-changelog');
    for (const { key, value, timestamp } of log.records) {
      if (changelog !== undefined && key !== null) next.restore(changelog, key, value, timestamp);
    }
    next.initialize();
    next.addRecords(fetched('in', 2, 3, [batch(2, [at(3)])]));
    next.process(10);
    expect(quiet.records.map(({ value }) => value?.readBigInt64BE())).toEqual([3n]);
  });
});

test('a processor that fails to close leaves no other processor and no store open', () => {
  const closed: string[] = [];
  const refuse = (): never => {
    throw new Error('cannot be closed');
  };
  const builder = new StreamsBuilder();
  const stream = builder.stream('in', TEXT);
  stream.process(() => ({ process: () => {}, close: refuse }));
  stream.process(() => ({ process: () => {}, close: () => void closed.push('second processor') }));
  stream.groupByKey(TEXT).count({ storeName: 'counts' });
  const { task } = makeTask(builder.build());
  task.initialize();
  const store = task.stores.get('counts')!;
  store.close = () => void closed.push('store');
  expect(() => task.close()).toThrow('cannot be closed');
  expect(closed).toEqual(['second processor', 'store']);
});

test('a task that goes before it was initialised closes no processor: none was started', () => {
  const closed: string[] = [];
  const topology = copying((builder) =>
    builder.stream('in', TEXT).process(() => ({ process: () => {}, close: () => void closed.push('closed') })),
  );
  makeTask(topology).task.close();
  expect(closed).toEqual([]);
  const { task } = makeTask(topology);
  task.initialize();
  task.close();
  task.close();
  expect(closed).toEqual(['closed']);
});
