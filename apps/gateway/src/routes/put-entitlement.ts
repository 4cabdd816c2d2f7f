import { newAccountEntitlement } from '@playhead/event-schemas';
import { checkedAccount, roleOf } from '../auth/credentials.ts';
import type { EntitlementBody } from '../contract/bodies.ts';
import { entitlementSchema } from '../contract/body-schemas.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { ACCOUNT_PATH, problems, requestBody } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';
import { jsonBody } from './json-body.ts';

/** `PUT /v1/accounts/{account}/entitlement`: how many streams an account may have. */
export function putEntitlement(parts: GatewayParts): Route {
  const validator = new BodyValidator<EntitlementBody>(entitlementSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('entitlement'),
  });
  return {
    method: 'PUT',
    path: '/v1/accounts/{account}/entitlement',
    operation: {
      operationId: 'putEntitlement',
      tags: ['operators'],
      summary: 'Set what an account may watch at once',
      description: 'Answered when the owner of the account has applied it: a start after the answer is decided by it.',
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      requestBody: requestBody('Entitlement'),
      responses: { '204': { description: 'Applied.' }, ...problems(400, 401, 403, 404, 413, 415, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      const account = checkedAccount(call.params['account'] ?? '', '{account}');
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      const position = await parts.log.entitlement(
        newAccountEntitlement({
          tenant,
          account,
          plan: body.plan,
          maxStreams: body.maxStreams,
          updatedAt: call.receivedAt,
          updatedBy: 'operator',
        }),
      );
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      await askGuard('entitlement', () => parts.guard.entitlementApplied({ tenant, account, position, timeoutMs }));
      return { status: 204 };
    },
  };
}
