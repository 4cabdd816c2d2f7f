import { describe, expect, it } from '@jest/globals';
import { SerdeError } from '@playhead/stream-core';
import type { FailedOutput, FailedRecord } from '@playhead/stream-core';
import { deadLetterHandlers } from '../../src/service/dead-letter-handlers.ts';

const failed = (offset: number, error: unknown): FailedRecord => ({
  topic: 'words',
  partition: 2,
  offset,
  error,
  timestamp: 0,
  rawKey: null,
  rawValue: null,
  headers: [],
});
const output = (origin: FailedOutput['origin']): FailedOutput => ({
  ...failed(9, new Error('no bytes')),
  origin,
  output: { topic: 'sums', partition: -1 },
  isRetriable: false,
});

describe('dead letters', () => {
  it('were written without a line in the log; where they stood is told, once a minute at most, and nothing of the person', () => {
    let now = 0;
    const lines: unknown[] = [];
    const logger = { error: (fields: unknown) => void lines.push(fields) };
    const handlers = deadLetterHandlers(logger as never, { monotonicMs: () => now });
    expect(handlers.deserialization?.(failed(1, new SerdeError('not of acc-1', { cause: null })))).toBe('dead-letter');
    now = 59_999;
    expect(handlers.processing?.(failed(2, new RangeError('the record of acc-1')))).toBe('dead-letter');
    now = 60_000;
    expect(handlers.processing?.(failed(3, new RangeError('the record of acc-1')))).toBe('dead-letter');
    const place = { topic: 'words', partition: 2 };
    expect(lines).toEqual([
      { ...place, offset: 1, name: 'SerdeError', code: 'STREAMS_SERDE', records: 1 },
      { ...place, offset: 3, name: 'RangeError', code: undefined, records: 2 },
    ]);
  });

  it('are what has no bytes as output; what Kafka does not take ends the service', () => {
    const handlers = deadLetterHandlers({ error: () => undefined } as never, { monotonicMs: () => 0 });
    expect(handlers.production?.(output('value'))).toBe('dead-letter');
    expect(handlers.production?.(output('send'))).toBe('fail');
  });
});
