import { nativeEventId, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { HeartbeatBody } from '../contract/bodies.ts';
import { correctedTime } from '../tables/clock-offsets.ts';
import { findPlayerState, surroundings } from './surroundings.ts';
import { ticketFields } from './ticket-fields.ts';

/** When a report came and how far its clock is off. */
export interface ReceivedReport {
  readonly receivedAt: number;
  readonly clockOffsetMs: number;
}

/** How a beat came and when the next one is asked for: its lease is that and the grace. */
export interface ReceivedBeat extends ReceivedReport {
  readonly nextBeatInMs: number;
  /** Instance of the gateway. */
  readonly gateway: string;
}

/** The record of a native beat. */
export function heartbeatRecord(ticket: Ticket, body: HeartbeatBody, received: ReceivedBeat): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...ticketFields(ticket),
    eventId: nativeEventId({ session: ticket.session, type: 'BEAT', sequence: body.sequence }),
    type: 'BEAT',
    source: 'NATIVE',
    sequence: body.sequence,
    receivedTime: received.receivedAt,
    ...correctedTime(body.sentAt, received.clockOffsetMs, received.receivedAt),
    clientTime: body.sentAt,
    intervalMs: received.nextBeatInMs,
    gateway: received.gateway,
    ticketExpiresAt: ticket.expiresAt,
    state: findPlayerState(body.state),
    positionMs: body.positionMs,
    rangeStartMs: body.rangeStartMs ?? null,
    playMs: body.playMs ?? null,
    rebufferMs: body.rebufferMs ?? null,
    pauseMs: body.pauseMs ?? null,
    rebufferCount: body.rebufferCount ?? null,
    droppedFrames: body.droppedFrames ?? null,
    renderedFrames: body.renderedFrames ?? null,
    ...surroundings(body),
  });
}
