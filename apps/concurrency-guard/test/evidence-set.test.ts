import { expect, test } from '@jest/globals';
import { cmcdEventId } from '@playhead/event-schemas';
import { addEvidence, MAX_RECENT_EVIDENCE, NO_EVIDENCE } from '../src/evidence-set.ts';

const line = { session: 's-1', sid: 'a', ts: 1000, event: 'ps', sn: 0 };

test.each([
  ['resent', { ...line }, true],
  ['with its sequence number started anew', { ...line, ts: 2000 }, false],
  ['of another event at the same time', { ...line, event: 't' }, false],
  ['of another sid', { ...line, sid: 'b' }, false],
])('a line %s', (_name, second, repeated) => {
  const set = addEvidence(NO_EVIDENCE, cmcdEventId(line)) ?? [];
  expect(addEvidence(set, cmcdEventId(second)) === undefined).toBe(repeated);
});

test(`keeps the latest ${MAX_RECENT_EVIDENCE} and forgets the oldest`, () => {
  const ids = Array.from({ length: MAX_RECENT_EVIDENCE + 1 }, (_, sn) => cmcdEventId({ ...line, sn }));
  const set = ids.reduce((kept, id) => addEvidence(kept, id) ?? kept, NO_EVIDENCE);
  expect(set).toHaveLength(MAX_RECENT_EVIDENCE);
  expect(ids.map((id) => addEvidence(set, id) === undefined)).toEqual(ids.map((_, index) => index > 0));
});

test('holds what fits into an int of Avro', () => {
  const set = addEvidence(NO_EVIDENCE, 'ffffffff-0000-5000-8000-000000000000');
  expect(set).toEqual([-1]);
});

test('refuses an event id that is no UUID', () => {
  expect(() => addEvidence(NO_EVIDENCE, 'e-1')).toThrow('event id "e-1" is no UUID');
});
