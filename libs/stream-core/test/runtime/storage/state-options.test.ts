import { expect, test } from '@jest/globals';
import { RedisBackend } from '../../../src/runtime/storage/redis/redis-backend.ts';
import { createStateBackend } from '../../../src/runtime/storage/state-options.ts';
import { silent } from '../runtime-fakes.ts';

test('an lmdb that is undefined was taken for state on disk', () => {
  const options = { lmdb: undefined, redis: { url: 'redis://127.0.0.1:6379' } };
  const backend = createStateBackend(options, { applicationId: 'app', logger: silent, clock: () => 0 });
  expect(backend).toBeInstanceOf(RedisBackend);
});
