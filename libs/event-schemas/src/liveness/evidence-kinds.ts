import type { EvidenceKind } from '../events/playback-heartbeat.ts';

/** A kind of evidence that a back end may give. */
export interface EvidenceRule {
  /** Its word in `POST /v1/evidence`. */
  readonly word: string;
  /** How long it speaks for a stream, milliseconds, where the record does not say (`leaseMs`). */
  readonly timeToLiveMs: number;
  /** True when it is seen only at the start of a stream: the first sign of life of its player supersedes it. */
  readonly onlyAtStart: boolean;
}

/** Evidence without a player's cooperation and how long each speaks for a stream. PLAYER_EVENT has the lease of its player. */
export const EVIDENCE_RULES: Readonly<Record<Exclude<EvidenceKind, 'UNKNOWN' | 'PLAYER_EVENT'>, EvidenceRule>> = {
  PLAYBACK_URL: { word: 'playback-url', timeToLiveMs: 60_000, onlyAtStart: true },
  LICENCE: { word: 'licence', timeToLiveMs: 60_000, onlyAtStart: true },
  LICENCE_RENEWAL: { word: 'licence-renewal', timeToLiveMs: 90_000, onlyAtStart: false },
  MANIFEST: { word: 'manifest', timeToLiveMs: 30_000, onlyAtStart: false },
  CONTENT_KEY: { word: 'content-key', timeToLiveMs: 90_000, onlyAtStart: false },
  // A segment's length, 60 s that a log may be late, and what a player keeps ahead.
  SEGMENT: { word: 'cdn-log', timeToLiveMs: 150_000, onlyAtStart: false },
};

/** Longest that a back end may say it speaks, milliseconds; licences are renewed as seldom. */
export const MAX_EVIDENCE_TTL_MS = 3_600_000;

/** The kind that a word of `POST /v1/evidence` stands for. */
export function evidenceKindOf(word: string): keyof typeof EVIDENCE_RULES | undefined {
  const found = Object.entries(EVIDENCE_RULES).find(([, rule]) => rule.word === word);
  return found?.[0] as keyof typeof EVIDENCE_RULES | undefined;
}
