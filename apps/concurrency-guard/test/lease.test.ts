import { expect, test } from '@jest/globals';
import { MAX_EVIDENCE_TTL_MS, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { NewPlaybackHeartbeat } from '@playhead/event-schemas';
import { leaseMs, MAX_LEASE_MS } from '../src/lease.ts';

const settings = { intervalMs: 10_000, graceMs: 15_000 };
const identity = { eventId: 'e', tenant: 'demo', account: 'acc-1', session: 's', receivedTime: 0, eventTime: 0 };
const evidence = (
  kind: 'PLAYER_EVENT' | 'MANIFEST' | 'LICENCE_RENEWAL' | 'UNKNOWN',
): Partial<NewPlaybackHeartbeat> => ({
  type: 'EVIDENCE',
  source: 'SERVICE',
  evidence: { kind, countsAsEvent: false },
});

test.each<[string, Partial<NewPlaybackHeartbeat>, number]>([
  ['a native beat with its interval', { source: 'NATIVE', intervalMs: 20_000 }, 35_000],
  ['a native beat without', { source: 'NATIVE' }, 25_000],
  ['a start', { type: 'START', source: 'NATIVE', intervalMs: 10_000 }, 25_000],
  ['a native event', { ...evidence('PLAYER_EVENT'), source: 'NATIVE', intervalMs: 10_000 }, 25_000],
  ['CMCD every 30 s', { source: 'CMCD', intervalMs: 30_000 }, 75_000],
  ['CMCD every 10 s', { source: 'CMCD', intervalMs: 10_000 }, 25_000],
  ['CMCD every 3 s: not shorter than 25 s', { source: 'CMCD', intervalMs: 3000 }, 25_000],
  ['CMCD of unknown interval', { source: 'CMCD' }, 75_000],
  ['a CMCD event', { ...evidence('PLAYER_EVENT'), source: 'CMCD', intervalMs: 20_000 }, 50_000],
  ['a licence renewal', evidence('LICENCE_RENEWAL'), 90_000],
  ['a live manifest', evidence('MANIFEST'), 30_000],
  ['evidence of a kind that is not known here', evidence('UNKNOWN'), 75_000],
  ['what says its own lease', { ...evidence('MANIFEST'), leaseMs: 12_000 }, 12_000],
  [
    'a renewal each half an hour, of which the REST API takes up to an hour',
    { ...evidence('LICENCE_RENEWAL'), leaseMs: 2_000_000 },
    2_000_000,
  ],
  ['what a back end says too long a lease of', { ...evidence('MANIFEST'), leaseMs: 10 ** 9 }, MAX_EVIDENCE_TTL_MS],
  ['what says too long a lease', { source: 'NATIVE', leaseMs: 10 ** 9 }, MAX_LEASE_MS],
  ['an interval that is too long', { source: 'CMCD', intervalMs: 10 ** 9 }, MAX_LEASE_MS],
])('%s: %#', (_name, fields, expected) => {
  expect(leaseMs(newPlaybackHeartbeat({ ...identity, type: 'BEAT', ...fields }), settings)).toBe(expected);
});
