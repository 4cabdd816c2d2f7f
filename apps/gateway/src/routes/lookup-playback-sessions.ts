import { idProblem, problem } from '@playhead/service-kit';
import { roleOf } from '../auth/credentials.ts';
import type { LookupBody } from '../contract/bodies.ts';
import { bodyInvalid, BodyValidator, parseJson } from '../contract/body-validator.ts';
import { lookupSchema } from '../contract/control-schemas.ts';
import { answers, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';
import { checkedBodyIds } from './body-ids.ts';
import { jsonBody } from './json-body.ts';

/** `POST /v1/playback-sessions/lookup`: up to 1,000 sessions at once. */
export function lookupPlaybackSessions(parts: GatewayParts): Route {
  const validator = new BodyValidator<LookupBody>(lookupSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('lookup'),
  });
  return {
    method: 'POST',
    path: '/v1/playback-sessions/lookup',
    hot: true,
    cors: true,
    operation: {
      operationId: 'lookupPlaybackSessions',
      tags: ['lookups'],
      summary: 'Look up to 1,000 sessions up',
      description:
        'Viewers those of their own account, operators and services those of any account of their tenant. A session that never was, or is of another account than named, is null; so is one whose start the guard has not read yet.',
      security: [{ token: [] }],
      requestBody: requestBody('Lookup'),
      responses: { '200': answers('The sessions.', ref('SessionList')), ...problems(400, 401, 403, 413, 415, 503) },
    },
    async handle(call) {
      const { tenant, account: own, roles } = await roleOf(call, parts.tokens, ['operator', 'service', 'viewer']);
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      const seesAll = roles.includes('operator') || roles.includes('service');
      const asked = body.sessions.map(({ account = own, session }, index) => {
        if (account === undefined || idProblem(session) !== undefined) {
          const [name, detail] = account === undefined ? ['account', 'is missing'] : ['session', 'is no id'];
          throw bodyInvalid([{ pointer: `/sessions/${index}/${name}`, code: 'id', detail }]);
        }
        if (!seesAll && account !== own) {
          throw problem(403, 'other-account', { detail: 'A viewer sees the account of the token only.' });
        }
        return { account, session };
      });
      checkedBodyIds(asked, ['account'], (index) => `/sessions/${index}`);
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      const sessions = await askGuard('sessions', () => parts.guard.sessions({ tenant, sessions: asked, timeoutMs }));
      return { status: 200, body: { sessions } };
    },
  };
}
