import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { nativeEventId, newPlaybackHeartbeat, newTenantPolicy, validatePolicy } from '@playhead/event-schemas';
import { EPOCH_MS } from '../scenario.ts';
import { TaskBench } from '../task-bench.ts';

const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
const document = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

test('the first policy of the page took away the limit of everything that is not about the studio', async () => {
  const { policy, problems } = validatePolicy(JSON.parse(document));
  expect(problems).toBeUndefined();
  const bench = await TaskBench.open();
  bench.policy(
    newTenantPolicy({
      tenant: 'demo',
      policy: policy!.policy,
      version: 1,
      document,
      updatedAt: EPOCH_MS,
      updatedBy: 'operator',
    }),
  );
  bench.entitle('acc-1', 2, EPOCH_MS);
  for (const [n, rightsHolder] of ['other', 'other', 'other', 'studio'].entries()) {
    const session = `${rightsHolder}-${n}`;
    const report = newPlaybackHeartbeat({
      eventId: nativeEventId({ session, type: 'START', sequence: 0 }),
      type: 'START',
      tenant: 'demo',
      account: 'acc-1',
      session,
      device: `tv-${n}`,
      rightsHolder,
      kind: 'VOD',
      receivedTime: EPOCH_MS + n,
      eventTime: EPOCH_MS + n,
    });
    bench.send(report);
  }
  const said = ['other-0', 'other-1', 'other-2', 'studio-3'].map((session) => bench.session(session)?.start);
  expect(said.map((start) => [start?.allowed, start?.rule])).toEqual([
    [true, null],
    [true, null],
    [false, 'plan'],
    [false, 'plan'],
  ]);
});
