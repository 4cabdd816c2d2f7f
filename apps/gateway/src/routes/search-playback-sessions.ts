import { idProblem } from '@playhead/service-kit';
import { roleOf } from '../auth/credentials.ts';
import { answers, LIMIT_QUERY, problems, ref } from '../contract/openapi-parts.ts';
import type { Parameter } from '../contract/openapi-types.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Call, Route } from '../http/route.ts';
import { limitOf, wrongParameter } from './page-query.ts';

const FILTERS = ['account', 'session', 'device', 'content'] as const;
const STATES = ['active', 'ended'] as const;
const MAX_CONTENT_LENGTH = 128;
/** The longest key of a session has 2,338: account and session have nine for each character of three bytes. */
const MAX_PAGE_LENGTH = 4096;

const filterQuery = (name: string): Parameter => ({
  name,
  in: 'query',
  description: `Only those of this ${name}.`,
  schema: { type: 'string', minLength: 1, maxLength: MAX_CONTENT_LENGTH },
});

/** `GET /v1/playback-sessions`: an operator's search. */
export function searchPlaybackSessions(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/playback-sessions',
    hot: true,
    cors: true,
    operation: {
      operationId: 'searchPlaybackSessions',
      tags: ['lookups'],
      summary: 'Search the sessions of the tenant',
      description:
        'Operators and services. All that is given has to fit. A page looks at a bounded number of sessions: it may be empty and have a `next`.',
      security: [{ token: [] }],
      parameters: [
        ...FILTERS.map(filterQuery),
        { name: 'state', in: 'query', description: 'Only those.', schema: { type: 'string', enum: STATES } },
        LIMIT_QUERY,
        {
          name: 'after',
          in: 'query',
          description: 'The `next` of the page before.',
          schema: { type: 'string', minLength: 1, maxLength: MAX_PAGE_LENGTH },
        },
      ],
      responses: { '200': answers('What was found.', ref('FoundSessions')), ...problems(400, 401, 403, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service']);
      const after = afterOf(call, tenant);
      const request = {
        tenant,
        filter: filterOf(call),
        ...limitOf(call),
        ...(after === undefined ? {} : { after }),
        timeoutMs: parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS,
      };
      return { status: 200, body: await askGuard('find', () => parts.guard.find(request)) };
    },
  };
}

/** Only a `next` of the caller's own tenant: it is the key of the last session that was looked at. */
function afterOf(call: Call, tenant: string): string | undefined {
  const after = call.query.get('after');
  if (after === null) return undefined;
  if (after.length > MAX_PAGE_LENGTH) {
    throw wrongParameter('?after', `has ${after.length} characters; allowed are 1 to ${MAX_PAGE_LENGTH}`);
  }
  if (!after.startsWith(`${tenant}/`)) throw wrongParameter('?after', 'is not the next of a page before');
  return after;
}

function filterOf(call: Call): object {
  const filter: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = call.query.get(name);
    if (value === null) continue;
    const wrong = name === 'content' ? lengthProblem(value) : idProblem(value);
    if (wrong !== undefined) throw wrongParameter(`?${name}`, wrong);
    filter[name] = value;
  }
  const state = call.query.get('state');
  if (state === null) return filter;
  if (!STATES.some((known) => known === state)) throw wrongParameter('?state', `is not one of ${STATES.join(', ')}`);
  return { ...filter, state };
}

/** Characters are counted as in the body of a start, where half of a surrogate pair is none. */
const lengthProblem = (value: string): string | undefined =>
  value === '' || Array.from(value).length > MAX_CONTENT_LENGTH
    ? `is not 1 to ${MAX_CONTENT_LENGTH} characters long`
    : undefined;
