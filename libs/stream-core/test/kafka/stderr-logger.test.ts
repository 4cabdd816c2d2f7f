import { afterEach, expect, jest, test } from '@jest/globals';
import { stderrLogger } from '../../src/kafka/stderr-logger.ts';
import { resolveConfig } from '../../src/runtime/streams-config.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test('an application without a logger says what is wrong on stderr, with causes and without stacks, and nothing else', () => {
  const written: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const { logger } = resolveConfig({ applicationId: 'app', kafka: { brokers: ['127.0.0.1:1'], clientId: 'app' } });
  expect(logger).toBe(stderrLogger);
  logger.debug({}, 'a detail');
  logger.info({ state: 'RUNNING' }, 'state changed');
  logger.warn({ broker: 'b:1' }, 'broker cannot be reached');
  logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'the application stops by an error');
  expect(written.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'warn', broker: 'b:1', msg: 'broker cannot be reached' },
    { level: 'error', err: 'outer: inner', msg: 'the application stops by an error' },
  ]);
});
