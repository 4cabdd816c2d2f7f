import { nativeEventId, newPlaybackEvent, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { ErrorCategory, PlaybackEvent, PlaybackEventType, PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { EventBody } from '../contract/bodies.ts';
import { EVENT_TYPES, wordFinder } from '../contract/words.ts';
import { correctedTime } from '../tables/clock-offsets.ts';
import type { ReceivedReport } from './heartbeat-record.ts';
import { findPlayerState, surroundings } from './surroundings.ts';
import { ticketFields } from './ticket-fields.ts';

const findType = wordFinder<PlaybackEventType>(EVENT_TYPES);
const findCategory = wordFinder<ErrorCategory>(['TECHNICAL', 'BUSINESS']);
const MAX_MESSAGE_LENGTH = 200;

/** The record of a native event. What belongs to another type than the event's is left out. */
export function eventRecord(ticket: Ticket, body: EventBody, received: ReceivedReport): PlaybackEvent {
  return newPlaybackEvent({
    ...identity(ticket, body, received),
    type: findType(body.type),
    startupMs: body.startupMs ?? null,
    ...surroundings(body),
    ...details(findType(body.type), body),
  });
}

/** The same event in the log of beats, where it renews the lease and is counted, in the order of the log. */
export function eventEvidence(ticket: Ticket, body: EventBody, received: ReceivedReport): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    ...identity(ticket, body, received),
    type: 'EVIDENCE',
    evidence: { kind: 'PLAYER_EVENT', countsAsEvent: true },
    intervalMs: ticket.intervalMs,
    ticketExpiresAt: received.ticketExpiresAt,
  });
}

function identity(ticket: Ticket, body: EventBody, received: ReceivedReport) {
  return {
    ...ticketFields(ticket),
    eventId: nativeEventId({ session: ticket.session, type: 'EVENT', sequence: body.sequence }),
    source: 'NATIVE' as const,
    sequence: body.sequence,
    receivedTime: received.receivedAt,
    ...correctedTime(body.sentAt, received.clockOffsetMs, received.receivedAt),
    clientTime: body.sentAt,
    state: findPlayerState(body.state),
    positionMs: body.positionMs,
  };
}

function details(type: PlaybackEventType, body: EventBody): Partial<PlaybackEvent> {
  if (type.startsWith('AD_')) return { ...adDetails(body), ...(type === 'AD_ERROR' ? errorDetails(body) : {}) };
  switch (type) {
    case 'PLAY':
      return { origin: body.origin === undefined ? null : completed(ORIGIN, body.origin) };
    case 'SEEK':
      return { seek: { fromMs: body.fromMs ?? null, toMs: body.toMs ?? null } };
    case 'BITRATE':
      return bitrateDetails(body);
    case 'REBUFFER_START':
      return { rebufferCause: body.cause ?? null };
    case 'ERROR':
    case 'START_FAILED':
      return errorDetails(body);
    case 'QUARTILE':
      return { quartile: body.quartile ?? null };
    case 'RATE':
      return { playbackRate: body.rate ?? body.playbackRate ?? null };
    case 'PLAYER_SETTING':
    case 'CUSTOM':
      return { setting: body.setting === undefined ? null : completed(SETTING, body.setting) };
    default:
      return {};
  }
}

function bitrateDetails(body: EventBody): Partial<PlaybackEvent> {
  const { fromKbps = null, width = null, height = null, reason = null } = body;
  const toKbps = body.kbps ?? body.bitrateKbps ?? null;
  return { bitrateKbps: toKbps, rendition: { fromKbps, toKbps, width, height, reason } };
}

function errorDetails(body: EventBody): Partial<PlaybackEvent> {
  return {
    error: {
      code: body.code === undefined ? null : String(body.code),
      fatal: body.fatal ?? null,
      category: findCategory(body.category),
      message: body.message?.slice(0, MAX_MESSAGE_LENGTH) ?? null,
    },
  };
}

function adDetails(body: EventBody): Partial<PlaybackEvent> {
  return {
    ad: body.ad === undefined ? null : completed(AD, body.ad),
    quartile: body.quartile ?? null,
  };
}

const ORIGIN = {
  tileId: null,
  rail: null,
  slot: null,
  searchId: null,
  recommendationId: null,
  campaign: null,
  autoplay: null,
};
const SETTING = { name: null, value: null };
const AD = {
  breakId: null,
  adId: null,
  creativeId: null,
  campaignId: null,
  position: null,
  slot: null,
  durationMs: null,
  revenueMicros: null,
  currency: null,
};

/** `given` with null for what is missing; what the record does not have is left out. */
function completed<K extends string, V extends object>(empty: Readonly<Record<K, null>>, given: V) {
  const full: Record<string, unknown> = { ...empty };
  for (const name in empty) if (name in given) full[name] = (given as Record<string, unknown>)[name];
  return full as { readonly [N in K]: (N extends keyof V ? Exclude<V[N], undefined> : never) | null };
}
