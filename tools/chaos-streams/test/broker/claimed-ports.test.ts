import { expect, test } from '@jest/globals';
import { claimPorts } from '../../src/broker/claimed-ports.ts';

test('two runs that begin at the same time do not get the same port for their brokers', async () => {
  const claims = await Promise.all([claimPorts(), claimPorts(), claimPorts()]);
  try {
    expect(new Set(claims.map(({ broker }) => broker)).size).toBe(claims.length);
  } finally {
    for (const claim of claims) claim.release();
  }
});
