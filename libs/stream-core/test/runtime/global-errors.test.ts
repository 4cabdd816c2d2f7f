import { expect, test } from '@jest/globals';
import { SerdeError } from '../../src/errors.ts';
import { skipsGlobalRecord } from '../../src/runtime/global-errors.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { resolveConfig } from '../../src/runtime/streams-config.ts';
import type { FailedRecord, HandlerResponse } from '../../src/runtime/task-handlers.ts';
import { silent } from './runtime-fakes.ts';

const record = (error: unknown): FailedRecord => ({
  topic: 'titles',
  partition: 1,
  offset: 7,
  error,
  timestamp: 5,
  rawKey: Buffer.from('k'),
  rawValue: null,
  headers: [],
});
const unreadable = new SerdeError('no number');
const failed = new Error('the processor of the global store threw');

/** What becomes of a record, and what is counted, when both handlers answer this. */
function decide(error: unknown, responses: { deserialization: HandlerResponse; processing: HandlerResponse }) {
  const counters = new StreamsCounters();
  const asked: FailedRecord[] = [];
  const answering = (response: HandlerResponse) => (about: FailedRecord) => {
    asked.push(about);
    return response;
  };
  const { handlers } = resolveConfig({
    applicationId: 'app',
    kafka: { brokers: ['127.0.0.1:1'], clientId: 'app' },
    handlers: { deserialization: answering(responses.deserialization), processing: answering(responses.processing) },
  });
  const skips = skipsGlobalRecord(record(error), { handlers, logger: silent, counters });
  return { skips, asked, dropped: Object.fromEntries(counters.dropped) };
}

test('a handler of one’s own that said fail was not asked about records of global tables, which were left out', () => {
  const { skips, asked, dropped } = decide(unreadable, { deserialization: 'fail', processing: 'continue' });
  expect([skips, dropped]).toEqual([false, {}]);
  expect(asked).toEqual([record(unreadable)]);
});

test.each<[unknown, HandlerResponse, HandlerResponse, boolean, Record<string, number>]>([
  [unreadable, 'continue', 'fail', true, { 'deserialization-error': 1 }],
  [unreadable, 'dead-letter', 'fail', true, { 'deserialization-error': 1 }],
  [failed, 'continue', 'fail', false, {}],
  [failed, 'fail', 'continue', true, { 'processing-error': 1 }],
])(
  '%s: %s for what cannot be read and %s for what cannot be processed',
  (error, deserialization, processing, skipped, counted) => {
    const { skips, dropped } = decide(error, { deserialization, processing });
    expect([skips, dropped]).toEqual([skipped, counted]);
  },
);
