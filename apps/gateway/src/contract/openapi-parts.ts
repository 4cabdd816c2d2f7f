import { MAX_ENTRIES_PER_PAGE } from '@playhead/event-schemas';
import type { AnswerName } from './answer-schemas.ts';
import { MAX_ITEMS } from './body-validator.ts';
import type { JsonSchema, Operation, Parameter, ResponseDoc } from './openapi-types.ts';

const TICKET_QUERY: Parameter = {
  name: 'ticket',
  in: 'query',
  description: 'The ticket, where a header cannot be sent (beacons, CMCD reporters).',
  schema: { type: 'string' },
};

/** Security and parameter of an operation that takes a ticket. */
export const TICKET: Pick<Operation, 'security' | 'parameters'> = {
  security: [{ ticket: [] }, { ticketQuery: [] }],
  parameters: [TICKET_QUERY],
};

/** The parameter with which operators and services say whose session they mean. */
export const ACCOUNT_QUERY: Parameter = {
  name: 'account',
  in: 'query',
  description: 'Operators and services: the account.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

/** The session of a path. */
export const SESSION_PATH: Parameter = {
  name: 'session',
  in: 'path',
  required: true,
  description: 'Session.',
  schema: { type: 'string' },
};

/** How long a page may be. */
export const LIMIT_QUERY: Parameter = {
  name: 'limit',
  in: 'query',
  description: 'Most entries of the answer.',
  schema: { type: 'integer', minimum: 1, maximum: MAX_ENTRIES_PER_PAGE },
};

/** The policy of a path. */
export const POLICY_PATH: Parameter = {
  name: 'policy',
  in: 'path',
  required: true,
  description: 'Policy.',
  schema: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' },
};

/** The parameters of an operation on a session. */
export const SESSION_PARAMETERS: readonly Parameter[] = [SESSION_PATH, TICKET_QUERY, ACCOUNT_QUERY];

/** The parameter of an operation on an account. */
export const ACCOUNT_PATH: Parameter = {
  name: 'account',
  in: 'path',
  required: true,
  description: 'Account.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

/** A reference to a schema of the document. */
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** One of a schema, or an array of 1 to 100. */
export const oneOrMany = (name: AnswerName | 'Heartbeat' | 'Event' | 'Evidence'): JsonSchema => ({
  oneOf: [ref(name), { type: 'array', minItems: 1, maxItems: MAX_ITEMS, items: ref(name) }],
});

/** A JSON answer. */
export function answers(description: string, schema: JsonSchema): ResponseDoc {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON request body. */
export function requestBody(name: string): NonNullable<Operation['requestBody']> {
  return { required: true, content: { 'application/json': { schema: ref(name) } } };
}

/** A request body of one report or an array of them; text/plain is the same JSON, for beacons. */
export function reportBody(name: 'Heartbeat' | 'Event'): NonNullable<Operation['requestBody']> {
  const schema = oneOrMany(name);
  return {
    required: true,
    content: { 'application/json': { schema }, 'text/plain': { schema } },
  };
}

const RETRY_AFTER = { description: 'Seconds until it is worth trying again.', schema: { type: 'integer' } };
const CHALLENGE = { description: 'Where a token was asked for, not a ticket.', schema: { type: 'string' } };
const ACCEPT_POST = {
  description: 'The types of a body that are read, where its type is not.',
  schema: { type: 'string' },
};
const ALLOW = { description: 'The methods of the path.', schema: { type: 'string' } };

const PROBLEMS = {
  400: 'The body or a parameter is wrong; `errors` names every field.',
  401: 'No ticket or token, or one that is not accepted.',
  403: 'The ticket or token is accepted, but not for this.',
  404: 'There is no such thing, or not for this caller; with an empty name in the path, `path-unknown`.',
  405: 'The path is not taken with this method; Allow names those that it is.',
  409: 'It cannot be had beside what there is.',
  413: 'The body is too large.',
  415: 'The body is of a type or encoding that is not read.',
  429: 'More than the session or account may send; see Retry-After.',
  503: 'Nothing can be stored or asked at present; see Retry-After.',
} as const;

/** The problem documents with which an operation can answer. */
export function problems(...statuses: readonly (keyof typeof PROBLEMS)[]): Readonly<Record<string, ResponseDoc>> {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: PROBLEMS[status],
        ...headersOf(status),
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  );
}

/** Of a refusal that a moment later may be none. */
export const RETRY_LATER: NonNullable<ResponseDoc['headers']> = { 'Retry-After': RETRY_AFTER };

const HEADERS: Readonly<Record<number, ResponseDoc['headers']>> = {
  401: { 'WWW-Authenticate': CHALLENGE },
  405: { Allow: ALLOW },
  415: { 'Accept-Post': ACCEPT_POST },
  429: RETRY_LATER,
  503: RETRY_LATER,
};

function headersOf(status: number): Pick<ResponseDoc, 'headers'> {
  const headers = HEADERS[status];
  return headers === undefined ? {} : { headers };
}

/** What can come before any route is asked. */
export const COMMON_RESPONSES: Readonly<Record<string, ResponseDoc>> = {
  ...problems(405),
  '431': { description: 'The head of the request, with its address, is larger than 16 KiB. The connection is closed.' },
};
