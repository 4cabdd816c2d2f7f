import type { RecordedPost, Recording } from './recording.ts';

/** A line of the neutral format: what a viewer or player did, whatever the source calls it. */
interface NeutralEvent {
  readonly tMs: number;
  readonly session: string;
  readonly event: string;
  readonly content?: string;
  readonly kind?: Recording['kind'];
  readonly durationMs?: number;
  readonly network?: string;
  readonly state?: string;
  readonly positionMs?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly kbps?: number;
  readonly height?: number;
  readonly bufferMs?: number;
}

const TICKET = 'tk-1';
const EVENT_TYPES: Readonly<Record<string, string>> = {
  play: 'PLAY',
  firstFrame: 'FIRST_FRAME',
  bitrate: 'BITRATE',
  rebufferStart: 'REBUFFER_START',
  rebufferEnd: 'REBUFFER_END',
  pause: 'PAUSE',
  resume: 'RESUME',
  seek: 'SEEK',
};
const NETWORKS: Readonly<Record<string, string>> = {
  '3g': 'CELLULAR',
  '4g': 'CELLULAR',
  '5g': 'CELLULAR',
  wifi: 'WIFI',
};

/** Whether a parsed line is a neutral event. */
export const isNeutralEvent = (line: object): boolean => 'event' in line && 'session' in line && 'tMs' in line;

/** A recording for each session of a file, told to the gateway as a player of ours would: beats, events, and the stop. */
export function readNeutralEvents(name: string, lines: readonly object[]): readonly Recording[] {
  const sessions = Map.groupBy(lines as readonly NeutralEvent[], ({ session }) => session);
  return [...sessions].map(([session, events]) => readSession(`${name} ${session}`, events));
}

function readSession(name: string, events: readonly NeutralEvent[]): Recording {
  const start = events.find(({ event }) => event === 'sessionStart');
  const adapter = new SessionAdapter(start);
  const posts = events.flatMap((event) => adapter.postOf(event) ?? []);
  const ended = events.some(({ event }) => event === 'end');
  return {
    name,
    content: start?.content ?? 'unknown',
    kind: start?.kind ?? 'VOD',
    posts,
    stops: ended ? [TICKET] : [],
  };
}

/** Counts a session's beats and events, and keeps the last playhead for events that have none. */
class SessionAdapter {
  readonly #common: Readonly<Record<string, unknown>>;
  #beats = 0;
  #events = 0;
  #positionMs = 0;

  constructor(start: NeutralEvent | undefined) {
    const network = NETWORKS[start?.network ?? ''];
    this.#common = {
      ...(start?.durationMs === undefined ? {} : { durationMs: Math.round(start.durationMs) }),
      ...(network === undefined ? {} : { network }),
    };
  }

  postOf(event: NeutralEvent): RecordedPost | undefined {
    const type = EVENT_TYPES[event.event];
    this.#positionMs = Math.round(event.positionMs ?? event.toMs ?? this.#positionMs);
    if (event.event === 'heartbeat') return this.#beat(event, (event.state ?? 'playing').toUpperCase());
    if (event.event === 'end') return this.#beat(event, 'ENDED');
    return type === undefined ? undefined : this.#event(event, type);
  }

  #beat({ tMs, kbps, bufferMs }: NeutralEvent, state: string): RecordedPost {
    const sequence = this.#beats++;
    const body = {
      sequence,
      state,
      positionMs: this.#positionMs,
      ...this.#common,
      ...(kbps === undefined ? {} : { bitrateKbps: Math.round(kbps) }),
      ...(bufferMs === undefined ? {} : { bufferMs: Math.round(bufferMs) }),
    };
    return post(tMs, '/v1/heartbeats', body, { identity: `beat ${sequence}`, final: state === 'ENDED' });
  }

  #event({ tMs, fromMs, toMs, kbps, height }: NeutralEvent, type: string): RecordedPost {
    const sequence = this.#events++;
    const body = {
      sequence,
      type,
      positionMs: this.#positionMs,
      ...this.#common,
      ...(fromMs === undefined ? {} : { fromMs: Math.round(fromMs) }),
      ...(toMs === undefined ? {} : { toMs: Math.round(toMs) }),
      ...(kbps === undefined ? {} : { kbps: Math.round(kbps) }),
      ...(height === undefined ? {} : { height }),
    };
    return post(tMs, '/v1/events', body, { identity: `event ${sequence}`, final: false });
  }
}

function post(tMs: number, path: string, body: object, line: RecordedPost['lines'][number]): RecordedPost {
  return {
    tMs,
    ticket: TICKET,
    path,
    contentType: 'application/json',
    body: (sentAt) => JSON.stringify({ ...body, sentAt }),
    lines: [line],
  };
}
