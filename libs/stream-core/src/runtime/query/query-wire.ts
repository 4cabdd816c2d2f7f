/**
 * The RPC between instances of an application, as JSON over HTTP; keys and values are the store's own serialised bytes
 * in base64, so both ends read them with the same serdes.
 *
 *     POST <applicationServer>/internal/v1/streams/<application id>/query      WireQuery
 *       200 WireAnswer
 *       421 NOT_OWNER · 503 NOT_AVAILABLE, NOT_RUNNING · 504 TIMEOUT · 404 UNKNOWN_STORE · 400 BAD_QUERY   WireProblem
 */
import type { LogPosition, Position } from './query-types.ts';
import type { QueryFailure } from './query-error.ts';
import { MAX_ENTRIES, type StoreQuestion } from './store-question.ts';

/** How a question is asked of the owner: the part of the options that travels. */
export interface QuestionTerms {
  readonly bound: LogPosition | undefined;
  readonly acknowledged: boolean;
  readonly timeoutMs: number;
  /** `QueryOptions.staleWithin`; undefined where only the owner's answer is wanted. */
  readonly staleWithin?: number | undefined;
}

/** One entry of an answer, of whichever kind. */
export interface AnswerEntry<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp?: number | undefined;
  /** Start of the window or session. */
  readonly startMs?: number | undefined;
  /** End of the session. */
  readonly endMs?: number | undefined;
}

/** What a partition of a store answered. */
export interface StoreAnswer<K, V> {
  readonly entries: readonly AnswerEntry<K, V>[];
  readonly truncated: boolean;
  /** Only of a `count`: how many entries there are. */
  readonly count?: number | undefined;
  readonly position: Position;
  /** `Staleness.staleLag`. */
  readonly staleLag?: number | undefined;
}

/** A question as it travels. */
export interface WireQuery {
  readonly store: string;
  readonly partition: number;
  readonly question: StoreQuestion<string>;
  readonly terms: QuestionTerms;
}

/** An answer as it travels. */
export type WireAnswer = StoreAnswer<string, string>;

/** A refusal as it travels: an RFC 9457 problem document with the reason. */
export interface WireProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly reason: QueryFailure;
  /** `QueryError.retryAfterMs`. */
  readonly retryAfterMs?: number | undefined;
}

/** The greatest question that is read, in bytes. */
export const MAX_QUERY_BYTES = 1_048_576;

/** The path of an application's query endpoint under its application server. */
export const queryPath = (applicationId: string): string =>
  `/internal/v1/streams/${encodeURIComponent(applicationId)}/query`;

/** HTTP status of each failure. */
export const FAILURE_STATUS: Readonly<Record<QueryFailure, number>> = {
  NOT_AVAILABLE: 503,
  NOT_OWNER: 421,
  UNREACHABLE: 502,
  TIMEOUT: 504,
  NOT_RUNNING: 503,
  UNKNOWN_STORE: 404,
  BAD_QUERY: 400,
  REFUSED: 500,
};

/** Reads a question's body. Throws `RangeError` saying which field is wrong. */
export function parseWireQuery(body: string): WireQuery {
  let fields: Record<string, unknown>;
  try {
    fields = asObject(JSON.parse(body), 'body');
  } catch (cause) {
    throw new RangeError('the body is not a JSON object', { cause });
  }
  return {
    store: asString(fields['store'], 'store'),
    partition: asInteger(fields['partition'], 'partition'),
    question: parseQuestion(asObject(fields['question'], 'question')),
    terms: parseTerms(asObject(fields['terms'], 'terms')),
  };
}

function parseQuestion(fields: Record<string, unknown>): StoreQuestion<string> {
  const text = (name: string): string => asString(fields[name], `question.${name}`);
  const integer = (name: string): number => asInteger(fields[name], `question.${name}`);
  const optional = (name: string): string | undefined => (fields[name] === undefined ? undefined : text(name));
  const kind = text('kind');
  switch (kind) {
    case 'get':
      return { kind, key: text('key') };
    case 'getAsOf':
      return { kind, key: text('key'), asOfMs: integer('asOfMs') };
    case 'count':
      return { kind };
    case 'range':
      return { kind, from: optional('from'), to: optional('to'), limit: limitOf(integer('limit')) };
    case 'fetch':
      return {
        kind,
        key: text('key'),
        fromMs: integer('fromMs'),
        toMs: integer('toMs'),
        limit: limitOf(integer('limit')),
      };
    case 'fetchAll':
      return { kind, fromMs: integer('fromMs'), toMs: integer('toMs'), limit: limitOf(integer('limit')) };
    case 'findSessions':
      return {
        kind,
        key: text('key'),
        earliestEndMs: integer('earliestEndMs'),
        latestStartMs: integer('latestStartMs'),
        limit: limitOf(integer('limit')),
      };
    default:
      throw new RangeError(
        `question.kind is "${kind}"; allowed: get, getAsOf, count, range, fetch, fetchAll, findSessions`,
      );
  }
}

function limitOf(limit: number): number {
  if (limit >= 1 && limit <= MAX_ENTRIES) return limit;
  throw new RangeError(`question.limit is ${limit}; allowed: 1 to ${MAX_ENTRIES}`);
}

function parseTerms(fields: Record<string, unknown>): QuestionTerms {
  const bound = fields['bound'] === undefined ? undefined : asObject(fields['bound'], 'terms.bound');
  return {
    bound: bound && {
      topic: asString(bound['topic'], 'terms.bound.topic'),
      partition: asInteger(bound['partition'], 'terms.bound.partition'),
      offset: asInteger(bound['offset'], 'terms.bound.offset'),
    },
    acknowledged: fields['acknowledged'] === true,
    timeoutMs: asInteger(fields['timeoutMs'], 'terms.timeoutMs'),
    staleWithin:
      fields['staleWithin'] === undefined ? undefined : asInteger(fields['staleWithin'], 'terms.staleWithin'),
  };
}

function asObject(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new RangeError(`${field} is not an object`);
  return value as Record<string, unknown>;
}

function asString(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new RangeError(`${field} is not a string`);
  return value;
}

function asInteger(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new RangeError(`${field} is not an integer`);
  return value;
}
