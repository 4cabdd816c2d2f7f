import { nativeEventId, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { HeartbeatBody } from '../contract/bodies.ts';
import { correctedTime } from '../tables/clock-offsets.ts';
import { consentOf, findNetwork, findPlayerState } from './surroundings.ts';

/** When a report came, how far its clock is off, and until when further ones of its session are taken. */
export interface ReceivedReport {
  readonly receivedAt: number;
  readonly clockOffsetMs: number;
  readonly ticketExpiresAt: number;
}

/** How a beat came and when the next one is asked for: its lease is that and the grace. */
export interface ReceivedBeat extends ReceivedReport {
  readonly nextBeatInMs: number;
  /** Instance of the gateway. */
  readonly gateway: string;
}

/** The record of a native beat. A copy with fields set one by one: completing given fields from the schema's defaults takes nearly twice as long. */
export function heartbeatRecord(ticket: Ticket, body: HeartbeatBody, received: ReceivedBeat): PlaybackHeartbeat {
  const record = { ...EMPTY };
  record.eventId = nativeEventId({ session: ticket.session, type: 'BEAT', sequence: body.sequence });
  record.tenant = ticket.tenant;
  record.account = ticket.account;
  record.session = ticket.session;
  record.profile = ticket.profile;
  record.device = ticket.device;
  record.content = ticket.content;
  record.kind = ticket.kind;
  record.title = ticket.title ?? null;
  record.receivedTime = received.receivedAt;
  record.eventTime = correctedTime(body.sentAt, received.clockOffsetMs, received.receivedAt).eventTime;
  record.clientTime = body.sentAt;
  record.clockOffsetMs = received.clockOffsetMs;
  record.sequence = body.sequence;
  record.intervalMs = received.nextBeatInMs;
  record.ticketExpiresAt = received.ticketExpiresAt;
  record.state = findPlayerState(body.state);
  record.positionMs = body.positionMs;
  record.rangeStartMs = body.rangeStartMs ?? null;
  record.durationMs = body.durationMs ?? null;
  record.playbackRate = body.playbackRate ?? null;
  record.playMs = body.playMs ?? null;
  record.rebufferMs = body.rebufferMs ?? null;
  record.pauseMs = body.pauseMs ?? null;
  record.rebufferCount = body.rebufferCount ?? null;
  record.bitrateKbps = body.bitrateKbps ?? null;
  record.throughputKbps = body.throughputKbps ?? null;
  record.bufferMs = body.bufferMs ?? null;
  record.droppedFrames = body.droppedFrames ?? null;
  record.renderedFrames = body.renderedFrames ?? null;
  record.liveLatencyMs = body.liveLatencyMs ?? null;
  record.network = findNetwork(body.network);
  record.cdn = body.cdn ?? null;
  record.appId = body.appId ?? null;
  record.appVersion = body.appVersion ?? null;
  record.player = body.player ?? null;
  record.anonymousId = body.anonymousId ?? null;
  record.appSessionId = body.appSessionId ?? null;
  record.consent = consentOf(body);
  record.gateway = received.gateway;
  return record;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What every native beat has. */
const EMPTY: Writable<PlaybackHeartbeat> = newPlaybackHeartbeat({
  eventId: '',
  type: 'BEAT',
  source: 'NATIVE',
  tenant: '',
  account: '',
  session: '',
  receivedTime: 0,
  eventTime: 0,
});
