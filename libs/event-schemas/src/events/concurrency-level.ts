import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** ADMITTED and DENIED: an attempt. STOPPED: its own end. KILLED: ended by a verdict. LAPSED: its lease ran out. */
export type LevelChange = 'UNKNOWN' | 'ADMITTED' | 'DENIED' | 'STOPPED' | 'KILLED' | 'LAPSED';
/** The class of device, from the ticket. */
export type DeviceClass = 'UNKNOWN' | 'MOBILE' | 'TABLET' | 'DESKTOP' | 'TV' | 'SET_TOP_BOX' | 'CONSOLE';
/** What is watched: a channel now, a title on demand, or a past programme of a channel. */
export type ContentKind = 'UNKNOWN' | 'LIVE' | 'VOD' | 'CATCHUP';
/** How many streams an account has, at each change and each attempt: what reports are made of. Topic playback.concurrency, keyed tenant/account. */
export interface ConcurrencyLevel {
  /** Event id of the record that changed it; for LAPSED, of the session and the end of its lease. */
  readonly eventId: string;
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** What happened. */
  readonly type: LevelChange;
  /** Tenant. */
  readonly tenant: string;
  /** Account. */
  readonly account: string;
  /** Session that it happened to. */
  readonly session: string;
  /** Plan of the account. */
  readonly plan: string | null;
  /** Class of the device. */
  readonly deviceClass: DeviceClass;
  /** Kind of the content. */
  readonly kind: ContentKind;
  /** Log time of the change, milliseconds UTC. */
  readonly decidedTime: number;
  /** Streams that hold a slot afterwards; exempt content holds none, unless a rule counts it. */
  readonly level: number;
  /** Streams that would hold a slot had the attempt been admitted: level, and one more for DENIED. */
  readonly attempted: number;
  /** Streams that the account's plan allows. */
  readonly max: number | null;
  /** Why, for DENIED and KILLED. */
  readonly reason: string | null;
  /** Start of the session, for the length of an ended stream. */
  readonly startedAt: number | null;
}

/** The fields of a ConcurrencyLevel that a writer has to give; the others have a default. */
export type NewConcurrencyLevel = Fillable<
  ConcurrencyLevel,
  'eventId' | 'type' | 'tenant' | 'account' | 'session' | 'decidedTime'
>;

/** The Avro schema of ConcurrencyLevel, as it is registered. */
export const CONCURRENCY_LEVEL_SCHEMA: string = readSchema('concurrency-level.avsc');

/** Completes a ConcurrencyLevel with the defaults of its schema. */
export const newConcurrencyLevel: (fields: NewConcurrencyLevel) => ConcurrencyLevel =
  recordFactory(CONCURRENCY_LEVEL_SCHEMA);
