/** A stream that holds a slot. */
export interface LiveStream {
  readonly session: string;
  readonly device: string | null;
  readonly startedAt: number;
  readonly leaseExpiresAt: number;
}

/** Who wants a slot. */
export interface Candidate {
  readonly session: string;
  readonly device: string | null;
  /** When the session was first seen; one of the same device that was first seen later has replaced it. */
  readonly startedAt: number;
}

/** What the policy says. Sessions are listed oldest first. */
export interface Admission<S extends LiveStream> {
  readonly allowed: boolean;
  /** Why not. */
  readonly reason: 'concurrency-limit' | 'replaced' | 'session-ended' | undefined;
  /** Streams that hold a slot afterwards, the candidate included if allowed. */
  readonly current: number;
  /** Sessions of the same device, which this start ends; empty unless allowed. */
  readonly replaced: readonly S[];
  /** Streams in the way; empty if allowed. */
  readonly conflicts: readonly S[];
}

/**
 * Block-new: a start is refused while as many other streams as allowed hold a slot. A device holds one slot: a start
 * ends the device's older session instead of conflicting with it, and a session that a newer one of its device has
 * followed does not come back. `live` are the account's streams at this point of the log.
 */
export function decideAdmission<S extends LiveStream>(
  candidate: Candidate,
  live: readonly S[],
  maxStreams: number,
): Admission<S> {
  const others = live.filter(({ session }) => session !== candidate.session).sort(byAge);
  const sameDevice = others.filter(({ device }) => device !== null && device === candidate.device);
  const newer = sameDevice.filter(({ startedAt }) => startedAt > candidate.startedAt);
  if (newer.length > 0) {
    return { allowed: false, reason: 'replaced', current: others.length, replaced: [], conflicts: newer };
  }
  const conflicts = others.filter((stream) => !sameDevice.includes(stream));
  return conflicts.length < maxStreams
    ? { allowed: true, reason: undefined, current: conflicts.length + 1, replaced: sameDevice, conflicts: [] }
    : { allowed: false, reason: 'concurrency-limit', current: others.length, replaced: [], conflicts };
}

function byAge(a: LiveStream, b: LiveStream): number {
  return a.startedAt - b.startedAt || (a.session < b.session ? -1 : 1);
}
