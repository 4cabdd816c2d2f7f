import {
  MAX_ENTRIES_PER_PAGE,
  MAX_QUESTION_MS,
  MAX_SESSIONS_PER_LOOKUP,
  MAX_STREAMS,
  STREAM_ATTRIBUTES,
} from '@playhead/event-schemas';
import type { AccountRef, LogPosition, SessionFilter, TrialStart } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { Problem } from '@playhead/service-kit';

/** The JSON that was posted. */
export type Body = Readonly<Record<string, unknown>>;

/** Attributes of a stream that are no texts. */
const FLAGS: ReadonlySet<string> = new Set(['home', 'adSupported']);

/** A text that is not empty. Every function here throws a 400 problem that names the field. */
export function text(body: Body, name: string, pointer = `/${name}`): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw badField(pointer, 'a text');
  return value;
}

/** The account that is asked about. */
export function accountOf(body: Body): AccountRef {
  return { tenant: text(body, 'tenant'), account: text(body, 'account') };
}

/** How long the caller waits. */
export function timeoutMs(body: Body): number {
  return number(body['timeoutMs'], '/timeoutMs', 1, MAX_QUESTION_MS);
}

/** The bound of a question. */
export function position(body: Body): { readonly position: LogPosition } {
  const given = object(body, 'position');
  return {
    position: {
      topic: text(given, 'topic', '/position/topic'),
      partition: number(given['partition'], '/position/partition', 0, Number.MAX_SAFE_INTEGER),
      offset: number(given['offset'], '/position/offset', -1, Number.MAX_SAFE_INTEGER),
    },
  };
}

/** The bound of a question that may do without. */
export function optionalPosition(body: Body): { readonly position?: LogPosition } {
  return body['position'] === undefined ? {} : position(body);
}

/** How many entries, where that is said. */
export function limit(body: Body): { readonly limit?: number } {
  if (body['limit'] === undefined) return {};
  return { limit: number(body['limit'], '/limit', 1, MAX_ENTRIES_PER_PAGE) };
}

/** A version of a policy, or null for none. */
export function versionOrNull(body: Body): number | null {
  return body['version'] === null ? null : number(body['version'], '/version', 0, 2 ** 31 - 1);
}

/** The sessions of a batch. */
export function sessionRefs(body: Body): readonly { readonly account: string; readonly session: string }[] {
  const { sessions } = body;
  if (!Array.isArray(sessions) || sessions.length > MAX_SESSIONS_PER_LOOKUP) {
    throw badField('/sessions', `a list of at most ${MAX_SESSIONS_PER_LOOKUP}`);
  }
  return sessions.map((one: unknown, index) => {
    const item = (one ?? {}) as Body;
    return {
      account: text(item, 'account', `/sessions/${index}/account`),
      session: text(item, 'session', `/sessions/${index}/session`),
    };
  });
}

/** What an operator looks for. */
export function filter(body: Body): SessionFilter {
  const given = object(body, 'filter');
  const { state } = given;
  if (state !== undefined && state !== 'active' && state !== 'ended')
    throw badField('/filter/state', 'active or ended');
  const texts = ['account', 'session', 'device', 'content'].filter((name) => given[name] !== undefined);
  return {
    ...Object.fromEntries(texts.map((name) => [name, text(given, name, `/filter/${name}`)])),
    ...(state === undefined ? {} : { state }),
  };
}

/** The attributes of a dry run. */
export function trialStart(body: Body): TrialStart {
  const given = object(body, 'start');
  const attributes = STREAM_ATTRIBUTES.filter(
    (name) => name !== 'plan' && given[name] !== undefined && given[name] !== null,
  );
  return {
    ...Object.fromEntries(
      attributes.map((name) => [name, FLAGS.has(name) ? flag(given, name) : text(given, name, `/start/${name}`)]),
    ),
    ...(given['exempt'] === undefined ? {} : { exempt: flag(given, 'exempt') }),
    ...(given['downloaded'] === undefined ? {} : { downloaded: flag(given, 'downloaded') }),
    ...(given['tokenMaxStreams'] === undefined
      ? {}
      : { tokenMaxStreams: number(given['tokenMaxStreams'], '/start/tokenMaxStreams', 0, MAX_STREAMS) }),
    ...(given['end'] === undefined ? {} : { end: texts(given['end'], '/start/end') }),
  };
}

function texts(value: unknown, pointer: string): readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_SESSIONS_PER_LOOKUP || value.some((one) => typeof one !== 'string')) {
    throw badField(pointer, `a list of at most ${MAX_SESSIONS_PER_LOOKUP} texts`);
  }
  return value as string[];
}

function flag(body: Body, name: string): boolean {
  const value = body[name];
  if (typeof value !== 'boolean') throw badField(`/start/${name}`, 'true or false');
  return value;
}

function object(body: Body, name: string): Body {
  const value = body[name];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badField(`/${name}`, 'an object');
  return value as Body;
}

function number(value: unknown, pointer: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw badField(pointer, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function badField(pointer: string, allowed: string): Problem {
  const detail = `has to be ${allowed}`;
  return problem(400, 'body-invalid', { detail: `${pointer} ${detail}`, errors: [{ pointer, code: 'type', detail }] });
}
