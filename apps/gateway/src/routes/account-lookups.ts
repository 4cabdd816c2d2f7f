import { accountOf } from '../auth/credentials.ts';
import { ACCOUNT_PATH, answers, LIMIT_QUERY, problems, ref } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';
import { limitOf } from './page-query.ts';

const OWN = 'For viewers their own account, for operators and services any of their tenant.';

/** `GET /v1/accounts/{account}/usage`: what an account uses of each rule. */
export function getUsage(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/accounts/{account}/usage',
    cors: true,
    operation: {
      operationId: 'getUsage',
      tags: ['lookups'],
      summary: 'What an account uses of each rule of each policy',
      description: OWN,
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      responses: { '200': answers('The usage.', ref('Usage')), ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const { tenant, account } = await accountOf(call, parts.tokens, call.params['account']);
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      return { status: 200, body: await askGuard('usage', () => parts.guard.usage({ tenant, account, timeoutMs })) };
    },
  };
}

/** `GET /v1/accounts/{account}/history`: what was decided on an account's sessions, and why. */
export function getHistory(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/accounts/{account}/history',
    cors: true,
    operation: {
      operationId: 'getHistory',
      tags: ['lookups'],
      summary: 'What was decided on the sessions of an account, with why',
      description: `${OWN} Of the sessions that are remembered: until their last ticket has expired.`,
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH, LIMIT_QUERY],
      responses: { '200': answers('The decisions.', ref('History')), ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const { tenant, account } = await accountOf(call, parts.tokens, call.params['account']);
      const request = { tenant, account, ...limitOf(call), timeoutMs: parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS };
      return { status: 200, body: await askGuard('history', () => parts.guard.history(request)) };
    },
  };
}
