import { expect, test } from '@jest/globals';
import { StreamsError } from '../../src/errors.ts';
import { answerTo, type UncaughtErrorHandler } from '../../src/runtime/uncaught-errors.ts';
import { silent } from './runtime-fakes.ts';

const replace: UncaughtErrorHandler = () => 'replace-thread';
const error = new Error('poisoned');

test.each<[string, UncaughtErrorHandler, unknown, boolean, string]>([
  ['the handler’s answer', replace, error, true, 'replace-thread'],
  ['the handler’s other answer', () => 'shutdown-application', error, true, 'shutdown-application'],
  [
    'a handler that throws',
    () => {
      throw new Error('no idea');
    },
    error,
    true,
    'shutdown-client',
  ],
  ['a handler without an answer', (() => undefined) as never, error, true, 'shutdown-client'],
  ['what is wrong before it has started', replace, error, false, 'shutdown-client'],
  ['a setting that Kafka refuses', replace, new StreamsError('STREAMS_CONFIG', 'x'), true, 'shutdown-client'],
])('%s decides', (_what, handler, thrown, hasStarted, answer) => {
  expect(answerTo(thrown, { handler, hasStarted, logger: silent })).toBe(answer);
});
