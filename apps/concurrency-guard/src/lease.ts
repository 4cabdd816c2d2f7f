import type { EvidenceKind, PlaybackHeartbeat } from '@playhead/event-schemas';

/** The tenant's part of a native lease. */
export interface LeaseSettings {
  /** Interval of native beats where a report does not say its own. */
  readonly intervalMs: number;
  /** Added to the interval of native beats. */
  readonly graceMs: number;
}

/** Intervals that a CMCD lease lasts: two reports may be lost. */
const CMCD_INTERVALS = 2.5;
/** A CMCD lease is never shorter. */
const CMCD_MIN_LEASE_MS = 25_000;
/** Lease of a CMCD report that does not say its interval: 2.5 × the 30 s that players take by default. */
const CMCD_DEFAULT_LEASE_MS = 75_000;
/** No report keeps a slot longer, whatever it says. */
export const MAX_LEASE_MS = 15 * 60_000;

/** How long other evidence speaks for a stream (reference/domain.md §1.9); those of a start only, until the first beat is due. */
const EVIDENCE_LEASE_MS: Readonly<Record<Exclude<EvidenceKind, 'PLAYER_EVENT'>, number>> = {
  UNKNOWN: CMCD_DEFAULT_LEASE_MS,
  PLAYBACK_URL: 60_000,
  LICENCE: 60_000,
  LICENCE_RENEWAL: 90_000,
  MANIFEST: 30_000,
  CONTENT_KEY: 90_000,
  SEGMENT: 150_000,
};

/** How long a stream is taken to live after a report, in milliseconds of log time. */
export function leaseMs(report: PlaybackHeartbeat, settings: LeaseSettings): number {
  return Math.min(MAX_LEASE_MS, report.leaseMs ?? leaseOfSource(report, settings));
}

function leaseOfSource(report: PlaybackHeartbeat, settings: LeaseSettings): number {
  const { source, intervalMs, evidence } = report;
  if (source === 'CMCD') {
    return intervalMs === null ? CMCD_DEFAULT_LEASE_MS : Math.max(CMCD_MIN_LEASE_MS, CMCD_INTERVALS * intervalMs);
  }
  if (evidence !== null && evidence.kind !== 'PLAYER_EVENT') {
    return EVIDENCE_LEASE_MS[evidence.kind];
  }
  return (intervalMs ?? settings.intervalMs) + settings.graceMs;
}
