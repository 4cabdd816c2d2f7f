import { EVIDENCE_RULES, MAX_EVIDENCE_TTL_MS } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { LeaseSource } from './stored-session.ts';

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
/** No report of a player keeps a slot longer, whatever it says. */
export const MAX_LEASE_MS = 15 * 60_000;

/** Lease of evidence of a kind that is not known here. */
const UNKNOWN_EVIDENCE_LEASE_MS = CMCD_DEFAULT_LEASE_MS;

/** Who speaks for the stream by this report. */
export function leaseSource({ source, evidence }: PlaybackHeartbeat): LeaseSource {
  if (evidence !== null && evidence.kind !== 'PLAYER_EVENT') return evidence.kind;
  return source === 'CMCD' ? 'CMCD' : 'NATIVE';
}

/** How long a stream is taken to live after a report, in milliseconds of log time. */
export function leaseMs(report: PlaybackHeartbeat, settings: LeaseSettings): number {
  const most = report.source === 'SERVICE' ? MAX_EVIDENCE_TTL_MS : MAX_LEASE_MS;
  return Math.min(most, report.leaseMs ?? leaseOfSource(report, settings));
}

function leaseOfSource(report: PlaybackHeartbeat, settings: LeaseSettings): number {
  const { source, intervalMs, evidence } = report;
  if (source === 'CMCD') {
    return intervalMs === null ? CMCD_DEFAULT_LEASE_MS : Math.max(CMCD_MIN_LEASE_MS, CMCD_INTERVALS * intervalMs);
  }
  if (evidence !== null && evidence.kind !== 'PLAYER_EVENT') {
    return evidence.kind === 'UNKNOWN' ? UNKNOWN_EVIDENCE_LEASE_MS : EVIDENCE_RULES[evidence.kind].timeToLiveMs;
  }
  return (intervalMs ?? settings.intervalMs) + settings.graceMs;
}
