import { nativeEventId, newPlaybackDecision, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { PlaybackDecision, PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { StartAttributes } from '../admission/start-request.ts';
import { ticketFields } from './ticket-fields.ts';

/** Opens a session: what the guard decides on. */
export function startRecord(
  ticket: Ticket,
  attributes: StartAttributes & Pick<PlaybackHeartbeat, 'gateway'>,
  receivedAt: number,
): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...ticketFields(ticket),
    ...attributes,
    eventId: nativeEventId({ session: ticket.session, type: 'START', sequence: 0 }),
    type: 'START',
    source: 'NATIVE',
    sequence: 0,
    state: 'STARTING',
    receivedTime: receivedAt,
    eventTime: receivedAt,
    intervalMs: ticket.intervalMs,
    ticketExpiresAt: ticket.expiresAt,
  });
}

/** Says that a start was admitted by the fail rule: the guard checks it when it reads this. */
export function uncheckedRecord(start: PlaybackHeartbeat, receivedAt: number): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...start,
    eventId: nativeEventId({ session: start.session, type: 'UNCHECKED', sequence: 0 }),
    type: 'UNCHECKED',
    receivedTime: receivedAt,
    eventTime: receivedAt,
  });
}

/**
 * The audit record of a start that the tenant's rule decided, because the guard did not answer. The guard decides on the
 * same start later: that record has the same event id and is `checked`.
 */
export function uncheckedDecision(
  start: PlaybackHeartbeat,
  decision: 'ALLOW' | 'DENY',
  decidedTime: number,
): PlaybackDecision {
  const { eventId, tenant, account, session, profile, device, content, kind, receivedTime } = start;
  return newPlaybackDecision({
    eventId,
    type: 'ADMISSION',
    tenant,
    account,
    session,
    profile,
    device,
    content,
    kind,
    receivedTime,
    decidedTime,
    decision,
    reason: 'guard-unavailable',
    checked: false,
  });
}

/** Whose session ends, and who says so. */
export interface StopOf {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  /** Null: not known to the one who stops it. */
  readonly profile: string | null;
  readonly device: string | null;
  readonly reason: string;
}

/** A session's own end. */
export function stopRecord({ reason, ...owner }: StopOf, receivedAt: number): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...owner,
    eventId: nativeEventId({ session: owner.session, type: 'STOP', sequence: 0 }),
    type: 'STOP',
    source: 'NATIVE',
    sequence: 0,
    state: 'ENDED',
    receivedTime: receivedAt,
    eventTime: receivedAt,
    endReason: reason,
  });
}

/** Ends a session from elsewhere, by a viewer of its account, an operator or a service. */
export function terminateRecord({ reason, ...owner }: StopOf, endedBy: string, receivedAt: number): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...owner,
    eventId: nativeEventId({ session: owner.session, type: 'TERMINATE', sequence: 0 }),
    type: 'TERMINATE',
    source: 'OPERATOR',
    receivedTime: receivedAt,
    eventTime: receivedAt,
    endReason: reason,
    endedBy,
  });
}
