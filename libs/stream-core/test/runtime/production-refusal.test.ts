import { expect, test } from '@jest/globals';
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
    onDropped: () => {},
    onError: () => {},
  });
  expect(asked).toBe(0);
});
