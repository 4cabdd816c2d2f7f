import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** May the stream go on. STOP is final. */
export type StreamVerdict = 'UNKNOWN' | 'CONTINUE' | 'WARN' | 'STOP';

/** A change of the verdict on a stream. Topic playback.verdicts, keyed tenant/account/session; the value null forgets it. */
export interface PlaybackVerdict {
  /** Event id of the record that changed it. */
  readonly eventId: string;
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** Tenant. */
  readonly tenant: string;
  /** Account. */
  readonly account: string;
  /** Session. */
  readonly session: string;
  /** May the stream go on. */
  readonly verdict: StreamVerdict;
  /** Why, as a code such as concurrency-limit. */
  readonly reason: string | null;
  /** Policy that gave it. */
  readonly policy: string | null;
  /** Version of the policy. */
  readonly policyVersion: number | null;
  /** Role of the one, or session, that ended the stream. */
  readonly endedBy: string | null;
  /** Device of the session. */
  readonly device: string | null;
  /** Content of the session. */
  readonly content: string | null;
  /** Time of the decision in the log, milliseconds UTC. */
  readonly decidedTime: number;
  /** End of the lease; null when there is none. */
  readonly leaseExpiresAt: number | null;
  /** End of the last ticket of the session: a STOP is kept until then. */
  readonly ticketExpiresAt: number | null;
}

/** The fields of a PlaybackVerdict that a writer has to give; the others have a default. */
export type NewPlaybackVerdict = Fillable<
  PlaybackVerdict,
  'eventId' | 'tenant' | 'account' | 'session' | 'verdict' | 'decidedTime'
>;

/** The Avro schema of PlaybackVerdict, as it is registered. */
export const PLAYBACK_VERDICT_SCHEMA: string = readSchema('playback-verdict.avsc');

/** Completes a PlaybackVerdict with the defaults of its schema. */
export const newPlaybackVerdict: (fields: NewPlaybackVerdict) => PlaybackVerdict =
  recordFactory(PLAYBACK_VERDICT_SCHEMA);
