import { expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { brokerError } from '../../src/kafka/errors.ts';
import { decideAboutRefusal } from '../../src/runtime/production-refusal.ts';

const refused = new Error('MESSAGE_TOO_LARGE');
const broken = new Error('the handler is broken');

test.each([
  ['ends the application', (): 'fail' => 'fail', { errors: [refused], dropped: [], error: refused }],
  ['leaves the output out', (): 'continue' => 'continue', { errors: [], dropped: [refused], error: undefined }],
  [
    'that throws ends the application with what it threw',
    (): 'fail' => {
      throw broken;
    },
    { errors: [broken], dropped: [], error: refused },
  ],
])('a production handler %s', (_what, handler, expected) => {
  const producer = {
    error: refused as Error | undefined,
    clearError: () => {
      producer.error = undefined;
    },
  };
  const errors: unknown[] = [];
  const dropped: Error[] = [];
  decideAboutRefusal(producer, {
    handler,
    isTransactional: false,
    onDropped: (error) => dropped.push(error),
    onError: (error) => errors.push(error),
  });
  expect({ errors, dropped, error: producer.error }).toEqual(expected);
});

test('without an error no handler is asked', () => {
  let asked = 0;
  const producer = { error: undefined, clearError: () => {} };
  decideAboutRefusal(producer, {
    handler: () => {
      asked++;
      return 'fail';
    },
    isTransactional: false,
    onDropped: () => {},
    onError: () => {},
  });
  expect(asked).toBe(0);
});

test('under exactly_once a refused record cannot be left out, and what passes with an abort is not asked about', () => {
  const errors: unknown[] = [];
  let asked = 0;
  const decide = (error: Error): void =>
    decideAboutRefusal(
      { error, clearError: () => {} },
      {
        handler: () => {
          asked++;
          return 'continue';
        },
        isTransactional: true,
        onDropped: () => errors.push('dropped'),
        onError: (told) => errors.push(told),
      },
    );
  decide(brokerError(ErrorCode.INVALID_PRODUCER_EPOCH, 'produce'));
  decide(brokerError(ErrorCode.REQUEST_TIMED_OUT, 'produce'));
  expect([asked, errors]).toEqual([0, []]);
  decide(brokerError(ErrorCode.MESSAGE_TOO_LARGE, 'produce', { topic: 'out', partition: 1 }));
  expect(asked).toBe(1);
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('out-1: MESSAGE_TOO_LARGE') })]);
});
