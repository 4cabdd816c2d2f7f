import { newAccountEntitlement } from '@playhead/event-schemas';
import type { AccountEntitlement, AccountRef } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import { accountInPath, roleOf } from '../auth/credentials.ts';
import type { EntitlementBody } from '../contract/bodies.ts';
import { entitlementSchema } from '../contract/body-schemas.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { ACCOUNT_PATH, answers, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';
import { toldPosition } from '../records/told-position.ts';
import { jsonBody } from './json-body.ts';

const PATH = '/v1/accounts/{account}/entitlement';

/** `GET /v1/accounts/{account}/entitlement`: what was set for an account. */
export function getEntitlement(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: PATH,
    operation: {
      operationId: 'getEntitlement',
      tags: ['operators'],
      summary: 'Show what an account may watch at once',
      description: 'What was set for it. 404 where nothing was: the detail says what it has then, by default.',
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      responses: {
        '200': answers('The entitlement.', ref('StoredEntitlement')),
        ...problems(400, 401, 403, 404, 503),
      },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service', 'analyst']);
      const request = { tenant, account: accountInPath(call), timeoutMs: parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS };
      const { isOwn, ...entitlement } = await askGuard('entitlement', () => parts.guard.entitlement(request));
      if (isOwn) return { status: 200, body: entitlement };
      const { plan, maxStreams } = entitlement;
      throw problem(404, 'entitlement-unknown', {
        detail: `The account has no entitlement of its own: it has the plan ${plan} with ${maxStreams} streams at once, by default.`,
      });
    },
  };
}

/** `PUT /v1/accounts/{account}/entitlement`: how many streams an account may have. */
export function putEntitlement(parts: GatewayParts): Route {
  const validator = new BodyValidator<EntitlementBody>(entitlementSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('entitlement'),
  });
  return {
    method: 'PUT',
    path: PATH,
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
      const account = accountInPath(call);
      const { plan, maxStreams } = validator.one(
        parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)),
      );
      const set = { plan, maxStreams, updatedAt: call.receivedAt, updatedBy: 'operator' };
      await apply(parts, { tenant, account }, newAccountEntitlement({ tenant, account, ...set }));
      return { status: 204 };
    },
  };
}

/** `DELETE /v1/accounts/{account}/entitlement`: takes it back. */
export function deleteEntitlement(parts: GatewayParts): Route {
  return {
    method: 'DELETE',
    path: PATH,
    operation: {
      operationId: 'deleteEntitlement',
      tags: ['operators'],
      summary: 'Take back what was set for an account',
      description:
        'Idempotent. The account has the default plan again; streams that run go on. Answered when the owner of the account has applied it: a start after the answer is decided by it.',
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      responses: {
        '204': { description: 'The account has no entitlement of its own now.' },
        ...problems(400, 401, 403, 404, 503),
      },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      await apply(parts, { tenant, account: accountInPath(call) }, null);
      return { status: 204 };
    },
  };
}

/** Resolves when starts of the account are decided by it. */
async function apply({ guard, log, settings }: GatewayParts, owner: AccountRef, record: AccountEntitlement | null) {
  const position = await toldPosition(() => log.entitlement(owner, record));
  const timeoutMs = settings.GATEWAY_LOOKUP_TIMEOUT_MS;
  await askGuard('entitlement', () => guard.entitlementApplied({ ...owner, position, timeoutMs }));
}
