import { expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { brokerError } from '../../src/kafka/errors.ts';
import type { OutputRecord, RefusalDecision } from '../../src/kafka/refused-records.ts';
import { NO_HEADERS } from '../../src/processor/headers.ts';
import { refusalPolicy } from '../../src/runtime/production-refusal.ts';
import { DEAD_LETTER } from '../../src/runtime/task/dead-letter.ts';
import { SourceRecord } from '../../src/runtime/task/source-record.ts';
import type { FailedOutput, ProductionHandler } from '../../src/runtime/task-handlers.ts';

const tooLarge = brokerError(ErrorCode.MESSAGE_TOO_LARGE, 'produce', { topic: 'out', partition: 1 });
const broken = new Error('the handler is broken');
const head = {
  topic: 'in',
  partition: 3,
  cursor: { offset: 7, timestamp: 500 },
  rawKey: Buffer.from('k'),
  rawValue: Buffer.from('v'),
  headers: [{ key: 'trace', value: Buffer.from('1') }],
};
const source = new SourceRecord(head as never, '0_3');
const output = (origin: OutputRecord['origin'] = source): OutputRecord => ({
  topic: 'out',
  partition: 1,
  timestamp: 500,
  key: null,
  value: Buffer.from('too large'),
  headers: NO_HEADERS,
  origin,
});

/** What is decided about `records`, and who was told. */
function decide(
  handler: ProductionHandler,
  { error = tooLarge, records = [output()], isTransactional = false } = {},
): { decision: RefusalDecision; dropped: number; letters: number; errors: unknown[] } {
  const told = { dropped: 0, letters: 0, errors: [] as unknown[] };
  const policy = refusalPolicy({
    handler,
    isTransactional,
    partitionCount: () => 2,
    onDropped: (count) => (told.dropped += count),
    onDeadLetters: (count) => (told.letters += count),
    onError: (thrown) => told.errors.push(thrown),
  });
  return { decision: policy(records, error), ...told };
}

test('a production handler that says fail ends the application', () => {
  expect(decide(() => 'fail')).toEqual({ decision: { fail: tooLarge }, dropped: 0, letters: 0, errors: [tooLarge] });
});

test('a production handler that throws ends the application with what it threw', () => {
  const throwing = (): never => {
    throw broken;
  };
  expect(decide(throwing)).toEqual({ decision: { fail: broken }, dropped: 0, letters: 0, errors: [broken] });
});

test('a production handler that continues leaves the output out', () => {
  expect(decide(() => 'continue')).toEqual({ decision: { write: [] }, dropped: 1, letters: 0, errors: [] });
});

test('a production handler is told what it was made from and where it was to go', () => {
  const asked: FailedOutput[] = [];
  decide((failed) => {
    asked.push(failed);
    return 'continue';
  });
  expect(asked).toMatchObject([
    {
      topic: 'in',
      partition: 3,
      offset: 7,
      task: '0_3',
      timestamp: 500,
      rawKey: Buffer.from('k'),
      rawValue: Buffer.from('v'),
      headers: head.headers,
      error: tooLarge,
      origin: 'send',
      output: { topic: 'out', partition: 1 },
      isRetriable: false,
    },
  ]);
});

test('a dead letter has bytes and headers of the source record', () => {
  const { decision, dropped, letters } = decide(() => 'dead-letter');
  expect([dropped, letters]).toEqual([1, 1]);
  expect(decision).toMatchObject({
    write: [{ topic: 'in.dead-letter', partition: 1, timestamp: 500, key: source.rawKey, value: source.rawValue }],
  });
  const { headers } = (decision as { write: OutputRecord[] }).write[0]!;
  expect(headers.map(({ key, value }) => `${key}=${Buffer.from(value ?? []).toString()}`)).toEqual([
    'trace=1',
    '__streams.errors.exception=BrokerError',
    expect.stringContaining('__streams.errors.stacktrace='),
    '__streams.errors.message=produce of out-1: MESSAGE_TOO_LARGE (10)',
    '__streams.errors.topic=in',
    '__streams.errors.partition=3',
    '__streams.errors.offset=7',
  ]);
});

test('output whose source is not known is counted and leaves no letter', () => {
  const records = [{ ...output(), origin: undefined }];
  expect(decide(() => 'dead-letter', { records })).toMatchObject({ decision: { write: [] }, dropped: 1, letters: 0 });
});

test('a dead letter that is refused too ends the application', () => {
  const { decision } = decide(() => 'dead-letter');
  const { write } = decision as { write: OutputRecord[] };
  const { errors } = decide(() => 'dead-letter', { records: write });
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('a dead letter was refused') })]);
});

test('a letter that could not be delivered in time is retried where the handler says so', () => {
  const late = brokerError(ErrorCode.REQUEST_TIMED_OUT, 'produce');
  const records = [output(DEAD_LETTER)];
  expect(decide(() => 'retry', { error: late, records })).toMatchObject({ decision: 'retry', errors: [] });
  expect(decide(() => 'continue', { error: late, records }).errors).toEqual([
    expect.objectContaining({ message: expect.stringContaining('a dead letter was refused') }),
  ]);
});

test('retry is for what may succeed later, and fail for anything else', () => {
  const late = brokerError(ErrorCode.REQUEST_TIMED_OUT, 'produce');
  expect(decide(() => 'retry', { error: late })).toMatchObject({ decision: 'retry', errors: [] });
  expect(decide(() => 'retry')).toMatchObject({ decision: { fail: tooLarge }, errors: [tooLarge] });
});

test.each(['continue', 'dead-letter'] as const)(
  'under exactly_once "%s" ends the application: a refused record cannot be left out of a transaction',
  (response) => {
    const { decision, errors } = decide(() => response, { isTransactional: true });
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('out-1: MESSAGE_TOO_LARGE') })]);
    expect(decision).toEqual({ fail: errors[0] });
  },
);

test('under exactly_once no handler is asked about what passes with an abort', () => {
  let asked = 0;
  for (const code of [ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.REQUEST_TIMED_OUT]) {
    const error = brokerError(code, 'produce');
    const decided = decide(() => (asked++, 'fail'), { error, isTransactional: true });
    expect(decided).toEqual({ decision: { fail: error }, dropped: 0, letters: 0, errors: [] });
  }
  expect(asked).toBe(0);
});
