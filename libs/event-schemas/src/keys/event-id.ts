import { uuidsV5, uuidV5 } from './uuid-v5.ts';

/** Ids in the namespace of Playhead's events: UUIDv5 of the URL namespace and `urn:playhead:event`. */
const eventId = uuidsV5(uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'urn:playhead:event'));

/** What a native report is identified by. */
export interface NativeEventIdentity {
  readonly session: string;
  readonly type: 'START' | 'BEAT' | 'STOP' | 'TERMINATE' | 'EVENT' | 'UNCHECKED' | 'LAPSED';
  /** 0 for START, STOP, TERMINATE and UNCHECKED; for LAPSED the end of the lease. */
  readonly sequence: number;
}

/** What a line of a CMCD event report is identified by; `sn` alone starts again within one `sid`. */
export interface CmcdEventIdentity {
  readonly session: string;
  readonly sid: string | null;
  readonly ts: number | null;
  readonly event: string | null;
  readonly sn: number | null;
}

/** What evidence of a back end is identified by. */
export interface EvidenceEventIdentity {
  readonly session: string;
  /** Kind of the evidence. */
  readonly kind: string;
  /** What tells it from other evidence of the session and kind, as the one who gives it says: a request id, or its time. */
  readonly id: string;
}

/** The same id for every sending of a native report. */
export function nativeEventId({ session, type, sequence }: NativeEventIdentity): string {
  // What JSON.stringify writes for the three, sooner.
  return eventId(`[${JSON.stringify(session)},"${type}",${sequence}]`);
}

/** The same id for every sending of a CMCD line. */
export function cmcdEventId({ session, sid, ts, event, sn }: CmcdEventIdentity): string {
  return eventId(JSON.stringify([session, 'CMCD', sid, ts, event, sn]));
}

/** The same id for every sending of a back end's evidence. */
export function evidenceEventId({ session, kind, id }: EvidenceEventIdentity): string {
  return eventId(JSON.stringify([session, 'EVIDENCE', kind, id]));
}
