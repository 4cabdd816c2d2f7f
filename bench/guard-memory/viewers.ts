import { accountKey, nativeEventId, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
/** Ids of the lengths that real ones have: session and device 36, account 20, content 12 characters. */
const sessionOf = (viewer: number): string => `${hex(viewer, 8)}-5eed-4000-8000-${hex(viewer * 7919, 12)}`;
const deviceOf = (viewer: number): string => `${hex(viewer, 8)}-de71-4000-8000-${hex(viewer * 104729, 12)}`;
const accountOf = (viewer: number): string => `account-${String(viewer).padStart(12, '0')}`;
const contentOf = (viewer: number): string => `title-${String(viewer % 10_000).padStart(6, '0')}`;

/** A record of a viewer, with the key of its account. */
export interface ViewerRecord {
  readonly key: string;
  readonly value: PlaybackHeartbeat;
}

/** The start of a viewer's stream, or (sequence from 0) a beat of it. Each viewer has an account of its own: the most that a stream can cost. */
export function viewerRecord(
  viewer: number,
  sequence: number | undefined,
  nowMs: number,
  intervalMs: number,
): ViewerRecord {
  const session = sessionOf(viewer);
  const account = accountOf(viewer);
  const type = sequence === undefined ? 'START' : 'BEAT';
  const value = newPlaybackHeartbeat({
    eventId: nativeEventId({ session, type, sequence: sequence ?? 0 }),
    type,
    tenant: 'demo',
    account,
    session,
    device: deviceOf(viewer),
    deviceClass: 'TV',
    content: contentOf(viewer),
    kind: 'VOD',
    receivedTime: nowMs,
    eventTime: nowMs,
    clientTime: nowMs,
    source: 'NATIVE',
    sequence: sequence ?? 0,
    intervalMs,
    ticketExpiresAt: nowMs + 24 * 3_600_000,
    state: sequence === undefined ? 'STARTING' : 'PLAYING',
    positionMs: (sequence ?? 0) * intervalMs,
  });
  return { key: accountKey('demo', account), value };
}
