import { accountOf } from '../auth/credentials.ts';
import { ACCOUNT_QUERY, answers, problems, ref, SESSION_PATH } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import { sessionAtLogEnd } from '../guard/session-at-log-end.ts';
import type { Route } from '../http/route.ts';
import { sessionOf, sessionUnknown } from './session-of.ts';

/** `GET /v1/playback-sessions/{session}/decision`: why a session was admitted or refused. */
export function getDecision(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/playback-sessions/{session}/decision',
    cors: true,
    operation: {
      operationId: 'getDecision',
      tags: ['lookups'],
      summary: 'Explain the decision on a session, rule by rule',
      description:
        'The one by which it began. What was decided since, such as at the end of a grace, is in the history of the account.',
      security: [{ token: [] }],
      parameters: [SESSION_PATH, ACCOUNT_QUERY],
      responses: { '200': answers('The decision.', ref('Explanation')), ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const session = sessionOf(call);
      const { tenant, account } = await accountOf(call, parts.tokens, call.query.get('account') ?? undefined);
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      const whose = { tenant, account, session };
      const explain = () => askGuard('explain', () => parts.guard.explain({ ...whose, timeoutMs }));
      const found =
        (await explain()) ??
        ((await sessionAtLogEnd(parts, whose, timeoutMs)) === undefined ? undefined : await explain());
      if (found === undefined) throw sessionUnknown();
      return { status: 200, body: found };
    },
  };
}
