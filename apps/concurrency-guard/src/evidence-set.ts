/**
 * Reports that were counted and have no sequence of their own, as 32 bits of their event id each, oldest first. An
 * event id is a hash of all that tells a report from others (for CMCD: sid, ts, e and sn), so 32 bits of it are as good
 * as a hash: among the 512 kept, one report in 8 million is taken for a repeat by mistake.
 */
export type EvidenceSet = readonly number[];

/** No report yet. */
export const NO_EVIDENCE: EvidenceSet = [];

/** Reports that one set keeps, the latest: players resend a line within the next few (at most 5 in the captured ones), never after hundreds. */
export const MAX_RECENT_EVIDENCE = 512;

/** The set with the report in it, or undefined when it was there: then it is a repeat. */
export function addEvidence(set: EvidenceSet, eventId: string): EvidenceSet | undefined {
  const hash = hashOf(eventId);
  if (set.includes(hash)) {
    return undefined;
  }
  const kept = set.length < MAX_RECENT_EVIDENCE ? set : set.slice(set.length - MAX_RECENT_EVIDENCE + 1);
  return [...kept, hash];
}

/** The first 32 bits of a UUID as a signed number, which Avro's int holds. */
function hashOf(eventId: string): number {
  const bits = Number.parseInt(eventId.slice(0, 8), 16);
  if (Number.isNaN(bits) || eventId.length !== 36) {
    throw new RangeError(`event id ${JSON.stringify(eventId)} is no UUID`);
  }
  return bits | 0;
}
