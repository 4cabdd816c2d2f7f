import { uuidV5 } from './uuid-v5.ts';

/** The namespace of Playhead's event ids: UUIDv5 of the URL namespace and `urn:playhead:event`. */
const EVENT_NAMESPACE = uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'urn:playhead:event');

/** What a native report is identified by. */
export interface NativeEventIdentity {
  readonly session: string;
  readonly type: 'START' | 'BEAT' | 'STOP' | 'TERMINATE' | 'EVENT';
  /** 0 for START, STOP and TERMINATE. */
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

/** The same id for every sending of a native report. */
export function nativeEventId({ session, type, sequence }: NativeEventIdentity): string {
  return uuidV5(EVENT_NAMESPACE, JSON.stringify([session, type, sequence]));
}

/** The same id for every sending of a CMCD line. */
export function cmcdEventId({ session, sid, ts, event, sn }: CmcdEventIdentity): string {
  return uuidV5(EVENT_NAMESPACE, JSON.stringify([session, 'CMCD', sid, ts, event, sn]));
}
