import { cmcdEventId, newPlaybackEvent, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type {
  CmcdIdentity,
  PlaybackEvent,
  PlaybackEventType,
  PlaybackHeartbeat,
  PlayerState,
} from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { ReceivedReport } from '../records/heartbeat-record.ts';
import { ticketFields } from '../records/ticket-fields.ts';
import { correctedTime } from '../tables/clock-offsets.ts';
import type { CmcdLine } from './cmcd-line.ts';
import { countOf, decimalOf, joinedOf, leastOf, sumOf, textOf, timeOf } from './cmcd-values.ts';

/** CMCD's interval event: the beat of a stock player. */
const INTERVAL_EVENT = 't';

/** States of `sta`. Waiting is kept as rebuffering, preloading as starting; the record also has the token itself. */
const STATES: ReadonlyMap<string, PlayerState> = new Map(
  Object.entries<PlayerState>({
    s: 'STARTING',
    d: 'STARTING',
    p: 'PLAYING',
    k: 'SEEKING',
    r: 'REBUFFERING',
    w: 'REBUFFERING',
    a: 'PAUSED',
    e: 'ENDED',
    f: 'ENDED',
    q: 'ENDED',
  }),
);

/** The states after which a stream is over: ended, fatal error, quit. */
const FINAL_STATES: ReadonlySet<string> = new Set(['e', 'f', 'q']);

const EVENT_TYPES: ReadonlyMap<string, PlaybackEventType> = new Map(
  Object.entries<PlaybackEventType>({
    ps: 'STATE_CHANGE',
    e: 'ERROR',
    bc: 'BITRATE',
    pr: 'RATE',
    c: 'CONTENT_CHANGE',
    b: 'BACKGROUND',
    m: 'MUTE',
    um: 'UNMUTE',
    pe: 'EXPAND',
    pc: 'COLLAPSE',
    h: 'HOSTNAME',
    rr: 'RESPONSE',
    as: 'AD_START',
    ae: 'AD_COMPLETE',
    abs: 'AD_BREAK_START',
    abe: 'AD_BREAK_END',
    sk: 'AD_SKIP',
    ce: 'CUSTOM',
  }),
);

/** What a line becomes. */
export interface CmcdRecords {
  readonly kind: 'cmcd-beat' | 'cmcd-event' | 'cmcd-without-sid';
  /** A BEAT for the interval event, EVIDENCE for every other; it renews the lease. */
  readonly heartbeat: PlaybackHeartbeat;
  /** For every event but the interval's. */
  readonly event: PlaybackEvent | undefined;
  /** The state is final: the stream is over until a later line says otherwise. */
  readonly final: boolean;
}

/** How the report came. */
export interface CmcdReport extends ReceivedReport {
  /** The interval that the session was asked to report at; null when the address does not say. */
  readonly intervalMs: number | null;
}

/**
 * The records of one line. Whose it is stands in the ticket alone: `cid` and `sid` decide nothing, `sid` only tells lines
 * apart. A line without a `sid` (dash.js without a key list) cannot be told from its like, so it renews the lease and
 * counts as nothing; its event is kept. Nothing is concluded from `bl` and `msd`, which players get wrong.
 */
export function cmcdRecords(ticket: Ticket, line: CmcdLine, report: CmcdReport): CmcdRecords {
  const event = textOf(line, 'e');
  const state = textOf(line, 'sta');
  const identity: CmcdIdentity = {
    sid: textOf(line, 'sid'),
    sn: timeOf(line, 'sn'),
    ts: timeOf(line, 'ts'),
    event,
    state,
  };
  const counted = identity.sid !== null;
  const isBeat = counted && event === INTERVAL_EVENT;
  const shared = sharedFields(ticket, line, identity, report);
  return {
    kind: counted ? (isBeat ? 'cmcd-beat' : 'cmcd-event') : 'cmcd-without-sid',
    heartbeat: newPlaybackHeartbeat({
      ...shared,
      type: isBeat ? 'BEAT' : 'EVIDENCE',
      evidence: isBeat ? null : { kind: 'PLAYER_EVENT', countsAsEvent: counted },
      intervalMs: report.intervalMs,
      ticketExpiresAt: report.ticketExpiresAt,
    }),
    event: event === INTERVAL_EVENT ? undefined : playbackEvent(shared, line, event, state),
    final: state !== null && FINAL_STATES.has(state),
  };
}

function sharedFields(ticket: Ticket, line: CmcdLine, identity: CmcdIdentity, report: CmcdReport) {
  const time =
    identity.ts === null
      ? { eventTime: report.receivedAt }
      : correctedTime(identity.ts, report.clockOffsetMs, report.receivedAt);
  return {
    ...ticketFields(ticket),
    eventId: cmcdEventId({ session: ticket.session, ...identity }),
    source: 'CMCD' as const,
    receivedTime: report.receivedAt,
    ...time,
    clientTime: identity.ts,
    cmcd: identity,
    state: STATES.get(identity.state ?? '') ?? ('UNKNOWN' as const),
    positionMs: timeOf(line, 'pt'),
    playbackRate: decimalOf(line, 'pr'),
    bitrateKbps: sumOf(line, 'br'),
    throughputKbps: countOf(line, 'mtp'),
    bufferMs: leastOf(line, 'bl'),
    liveLatencyMs: timeOf(line, 'ltc'),
  };
}

function playbackEvent(
  shared: ReturnType<typeof sharedFields>,
  line: CmcdLine,
  event: string | null,
  state: string | null,
): PlaybackEvent {
  const type = EVENT_TYPES.get(event ?? '') ?? 'UNKNOWN';
  return newPlaybackEvent({
    ...shared,
    type,
    startupMs: timeOf(line, 'msd'),
    rebufferTotalMs: timeOf(line, 'bsda'),
    rebufferTotalCount: countOf(line, 'bsa'),
    droppedFramesTotal: countOf(line, 'dfa'),
    // After an error dash.js repeats `ec` on every later line: it means something on the error's own line only.
    error:
      type === 'ERROR'
        ? { code: joinedOf(line, 'ec'), fatal: state === 'f' ? true : null, category: 'UNKNOWN', message: null }
        : null,
    rendition:
      type === 'BITRATE'
        ? { fromKbps: null, toKbps: shared.bitrateKbps, width: null, height: null, reason: null }
        : null,
    setting: type === 'CUSTOM' ? { name: textOf(line, 'cen'), value: null } : null,
    response: type === 'RESPONSE' ? response(line) : null,
  });
}

function response(line: CmcdLine) {
  const url = textOf(line, 'url');
  return {
    host: url === null ? null : (URL.parse(url)?.host ?? null),
    status: countOf(line, 'rc'),
    objectType: textOf(line, 'ot'),
    firstByteMs: countOf(line, 'ttfb'),
    lastByteMs: countOf(line, 'ttlb'),
  };
}
