import { accountOf } from '../auth/credentials.ts';
import { ACCOUNT_PATH, answers, problems, ref } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';

/** `GET /v1/accounts/{account}/streams`: what an account watches now. */
export function getAccountStreams(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/accounts/{account}/streams',
    cors: true,
    operation: {
      operationId: 'getAccountStreams',
      tags: ['lookups'],
      summary: 'List the live streams of an account',
      description:
        'For viewers their own account, for operators and services any of their tenant. An account that watches nothing, or does not exist, has an empty list.',
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      responses: {
        '200': answers('The streams, oldest first.', ref('AccountStreams')),
        ...problems(400, 401, 403, 404, 503),
      },
    },
    async handle(call) {
      const { tenant, account } = await accountOf(call, parts.tokens, call.params['account']);
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      return {
        status: 200,
        body: await askGuard('streams', () => parts.guard.streams({ tenant, account, timeoutMs })),
      };
    },
  };
}
