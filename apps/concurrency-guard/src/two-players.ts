import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { lastSequence } from './sequence-set.ts';
import type { PlayerTrace, SessionState } from './stored-session.ts';

/** Turns of two players weigh this; each beat in between without one takes 1 away. */
const FORK_WEIGHT = 2;
/** Weight at which a session is ended: two turns in a row, or three in five beats. */
const MAX_FORKS = 2 * FORK_WEIGHT;
/** Playheads of one beat that is sent twice are equal; those of two players are further apart than this. */
const SAME_POSITION_MS = 1000;

const NO_TRACE: PlayerTrace = {
  positionMs: null,
  clientTime: null,
  sid: null,
  sidBefore: null,
  sidSince: null,
  forks: 0,
  isForked: false,
};

/**
 * Notes who reported. A player sends a sequence again as it was, and begins anew at most once; two players on one session
 * take turns: between beats that go on there are others, made later, whose sequence was there before, or (CMCD) a `sid` comes
 * back after another had followed it. `state` is that of before the report; `isRepeat`: its sequence was counted before.
 */
export function tracePlayers(state: SessionState, report: PlaybackHeartbeat, isRepeat: boolean): PlayerTrace | null {
  if (report.late || (report.type !== 'BEAT' && report.cmcd === null)) return state.plays;
  const trace = state.plays ?? NO_TRACE;
  // Most sessions are never traced: it begins with the first repeat. A record that is processed again, after a crash, was
  // received when the newest report was or before, and is none.
  if (report.cmcd === null && state.plays === null && !isRepeat) return null;
  if (isRepeat && (report.receivedTime <= state.lastSeenAt || report.clientTime === null)) return state.plays;
  const plays =
    report.cmcd !== null
      ? traceCmcd(trace, report.cmcd)
      : isRepeat
        ? traceRepeat(trace, report)
        : traceBeat(trace, lastSequence(state.beatSequences), report);
  return plays === trace ? state.plays : plays;
}

/** True when two players were seen to take turns. */
export const hasTwoPlayers = ({ plays }: SessionState): boolean => (plays?.forks ?? 0) >= MAX_FORKS;

function traceBeat(trace: PlayerTrace, newest: number, report: PlaybackHeartbeat): PlayerTrace {
  const { sequence, clientTime, positionMs } = report;
  if (sequence === null || clientTime === null || sequence <= newest) return trace;
  const forks = trace.isForked ? trace.forks + FORK_WEIGHT : Math.max(0, trace.forks - 1);
  return { ...trace, positionMs, clientTime, forks, isForked: false };
}

function traceRepeat(trace: PlayerTrace, { clientTime, positionMs }: PlaybackHeartbeat): PlayerTrace {
  if (trace.clientTime === null) return { ...trace, positionMs, clientTime };
  const isMadeLater = clientTime !== null && clientTime > trace.clientTime;
  const isElsewhere =
    positionMs !== null && trace.positionMs !== null && Math.abs(positionMs - trace.positionMs) > SAME_POSITION_MS;
  return isMadeLater && isElsewhere && !trace.isForked ? { ...trace, isForked: true } : trace;
}

function traceCmcd(
  trace: PlayerTrace,
  { sid, ts }: { readonly sid: string | null; readonly ts: number | null },
): PlayerTrace {
  if (sid === null || ts === null) return trace;
  const hash = hashOf(sid);
  if (hash === trace.sid) return trace;
  // A line of before the change that came late is no second player.
  if (hash === trace.sidBefore && ts <= (trace.sidSince ?? 0)) return trace;
  const forks = trace.forks + (hash === trace.sidBefore ? FORK_WEIGHT : 0);
  return { ...trace, sid: hash, sidBefore: trace.sid, sidSince: ts, forks };
}

/** 32 bits of a text (FNV-1a), as Avro's int. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}
