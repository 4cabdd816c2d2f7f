import { cmcdEventId, nativeEventId, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { NewPlaybackHeartbeat, PlaybackHeartbeat } from '@playhead/event-schemas';

/** Second 0 of every scenario. */
export const EPOCH_MS = 1_800_000_000_000;

/** The heartbeat record of a step such as `12 beat a 3`. */
export function reportOf(step: string): PlaybackHeartbeat {
  const [seconds = '', action = '', ...words] = step.split(/\s+/);
  return report(action, words, timeOf(seconds));
}

/** The time of a step. */
export function timeOf(seconds: string): number {
  return EPOCH_MS + Math.round(Number(seconds) * 1000);
}

/** The heartbeat record of an action at a time. */
export function report(action: string, words: readonly string[], timeMs: number): PlaybackHeartbeat {
  const [session = ''] = words;
  const given = options(words);
  const base = {
    tenant: 'demo',
    account: given['account'] ?? 'acc-1',
    session,
    device: given['device'] ?? null,
    content: 'film-1',
    kind: 'VOD' as const,
    receivedTime: timeMs,
    eventTime: given['seen'] === undefined ? timeMs : timeOf(given['seen']),
    late: words.includes('late'),
    ticketExpiresAt: given['ticket'] === undefined ? null : EPOCH_MS + Number(given['ticket']) * 1000,
    intervalMs: given['interval'] === undefined ? null : Number(given['interval']) * 1000,
    state: (given['state'] ?? 'PLAYING') as PlaybackHeartbeat['state'],
  };
  return newPlaybackHeartbeat({ ...base, ...ofAction(action, words, timeMs), ...attributesIn(words) });
}

/** The fields of a START that rules read, as far as the words give them. */
function attributesIn(words: readonly string[]): Partial<NewPlaybackHeartbeat> {
  const given = options(words);
  const texts = [
    'profile',
    'content',
    'deviceClass',
    'deviceType',
    'kind',
    'channel',
    'rightsHolder',
    'package',
    'territory',
    'location',
    'appId',
    'title',
    'gateway',
  ];
  const flags = ['home', 'adSupported'];
  const numbers = { at: 'positionMs', made: 'clientTime' } as const;
  return {
    ...Object.fromEntries(texts.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))),
    ...Object.fromEntries(flags.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name] === 'true']]))),
    ...Object.fromEntries(
      Object.entries(numbers).flatMap(([word, name]) =>
        given[word] === undefined ? [] : [[name, Number(given[word]) * 1000]],
      ),
    ),
    ...(given['lease'] === undefined ? {} : { leaseMs: Number(given['lease']) * 1000 }),
    ...(given['token'] === undefined ? {} : { tokenMaxStreams: Number(given['token']) }),
    exempt: words.includes('exempt'),
    downloaded: words.includes('downloaded'),
    end: given['end']?.split(',') ?? [],
  };
}

type OfAction = Pick<NewPlaybackHeartbeat, 'eventId' | 'type'> & Partial<NewPlaybackHeartbeat>;

function ofAction(action: string, words: readonly string[], timeMs: number): OfAction {
  const [session = '', second = '', third = '0', fourth = '-'] = words;
  const sequence = Number(second);
  switch (action) {
    case 'start':
      return { ...native(session, 'START', 0), device: second === '-' ? null : second };
    case 'beat':
      return native(session, 'BEAT', sequence);
    case 'event': {
      const evidence = { kind: 'PLAYER_EVENT', countsAsEvent: true } as const;
      return { ...native(session, 'EVENT', sequence), type: 'EVIDENCE', evidence };
    }
    case 'stop':
      return native(session, 'STOP', 0);
    case 'terminate':
      return { ...native(session, 'TERMINATE', 0), source: 'OPERATOR', endedBy: 'operator' };
    case 'unchecked':
      return native(session, 'UNCHECKED', 0);
    case 'evidence': {
      const eventId = cmcdEventId({ session, sid: null, ts: timeMs, event: second, sn: null });
      const evidence = { kind: second as 'MANIFEST', countsAsEvent: false };
      return { eventId, type: 'EVIDENCE', source: 'SERVICE', evidence };
    }
    case 'cmcd': {
      const ts = options(words)['ts'] === undefined ? timeMs : EPOCH_MS + Number(options(words)['ts']) * 1000;
      const line = {
        sid: options(words)['sid'] ?? 'sid-1',
        sn: Number(third),
        ts,
        event: second,
        state: fourth === '-' ? null : fourth,
      };
      return {
        eventId: cmcdEventId({ session, ...line }),
        type: second === 't' ? 'BEAT' : 'EVIDENCE',
        source: 'CMCD',
        cmcd: line,
        evidence: second === 't' ? null : { kind: 'PLAYER_EVENT', countsAsEvent: true },
      };
    }
    default:
      return unknownAction(action);
  }
}

function native(
  session: string,
  type: 'START' | 'BEAT' | 'STOP' | 'TERMINATE' | 'UNCHECKED' | 'EVENT',
  sequence: number,
): OfAction {
  const eventId = nativeEventId({ session, type, sequence });
  return { eventId, type: type === 'EVENT' ? 'EVIDENCE' : type, source: 'NATIVE', sequence };
}

/** Words of the form `name=value`. */
export function options(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.filter((word) => word.includes('=')).map((word) => word.split('=', 2)));
}

/** Throws. */
export function unknownAction(action: string): never {
  throw new Error(`there is no step "${action}"`);
}
