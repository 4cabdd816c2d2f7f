import { MAX_POLICIES_PER_TENANT, newTenantPolicy, policyVersion, validatePolicy } from '@playhead/event-schemas';
import type { ConcurrencyGuard, StoredPolicy } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import { roleOf } from '../auth/credentials.ts';
import { bodyInvalid, parseJson } from '../contract/body-validator.ts';
import { answers, POLICY_PATH, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Call, Route } from '../http/route.ts';
import { toldPosition } from '../records/told-position.ts';
import { jsonBody } from './json-body.ts';
import { PoliciesUnderway } from './policies-underway.ts';

const POLICY_ID = /^[a-z0-9-]{1,64}$/;

/** `GET /v1/policies`: the policies by which the guard decides. */
export function getPolicies(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/policies',
    operation: {
      operationId: 'getPolicies',
      tags: ['operators'],
      summary: 'List the policies of the tenant',
      security: [{ token: [] }],
      responses: { '200': answers('The policies.', ref('StoredPolicies')), ...problems(401, 403, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service', 'analyst']);
      return { status: 200, body: { policies: Object.fromEntries(await policiesOf(parts, tenant)) } };
    },
  };
}

/** `GET /v1/policies/{policy}`. */
export function getPolicy(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/policies/{policy}',
    operation: {
      operationId: 'getPolicy',
      tags: ['operators'],
      summary: 'Show a policy',
      security: [{ token: [] }],
      parameters: [POLICY_PATH],
      responses: { '200': answers('The policy.', ref('StoredPolicy')), ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service', 'analyst']);
      const found = (await policiesOf(parts, tenant)).get(policyOf(call));
      if (found === undefined) throw policyUnknown();
      return { status: 200, body: found };
    },
  };
}

/** `PUT /v1/policies/{policy}`: sets a policy. Answered when a guard decides by it; the others follow. */
export function putPolicy(parts: GatewayParts): Route {
  const underway = new PoliciesUnderway();
  return {
    method: 'PUT',
    path: '/v1/policies/{policy}',
    operation: {
      operationId: 'putPolicy',
      tags: ['operators'],
      summary: 'Set a policy',
      description: `Answered when a guard decides by it; others follow within moments. The body's \`policy\` is the one of the path. A tenant has up to ${MAX_POLICIES_PER_TENANT}; gateways that are asked at once may each set one more.`,
      security: [{ token: [] }],
      parameters: [POLICY_PATH],
      requestBody: requestBody('Policy'),
      responses: {
        '200': answers('The policy with its version.', ref('StoredPolicy')),
        ...problems(400, 401, 403, 404, 409, 413, 415, 503),
      },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      const id = newPolicyOf(call);
      const given = parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES));
      const checked = validatePolicy(given);
      if (checked.problems !== undefined) throw bodyInvalid(checked.problems);
      if (checked.policy.policy !== id) {
        throw bodyInvalid([{ pointer: '/policy', code: 'const', detail: `is not ${id}, as the path says` }]);
      }
      const listed = (await policiesOf(parts, tenant)).keys();
      const record = newTenantPolicy({
        tenant,
        policy: id,
        version: 0,
        document: JSON.stringify(checked.policy),
        updatedAt: call.receivedAt,
        updatedBy: 'operator',
      });
      const version = await underway.set({ tenant, policy: id, listed }, async () => {
        const position = await toldPosition(() => parts.log.policy({ tenant, policy: id }, record));
        const next = policyVersion(record, position.offset);
        await applied(parts, { tenant, policy: id, version: next, position });
        return next;
      });
      return {
        status: 200,
        body: { version, updatedAt: record.updatedAt, updatedBy: 'operator', document: checked.policy },
      };
    },
  };
}

/** `DELETE /v1/policies/{policy}`: takes a policy back. */
export function deletePolicy(parts: GatewayParts): Route {
  return {
    method: 'DELETE',
    path: '/v1/policies/{policy}',
    operation: {
      operationId: 'deletePolicy',
      tags: ['operators'],
      summary: 'Take a policy back',
      description: 'Idempotent. Answered when a guard does not decide by it any more; others follow within moments.',
      security: [{ token: [] }],
      parameters: [POLICY_PATH],
      responses: { '204': { description: 'There is no such policy now.' }, ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      const policy = policyOf(call);
      const position = await toldPosition(() => parts.log.policy({ tenant, policy }, null));
      await applied(parts, { tenant, policy, version: null, position });
      return { status: 204 };
    },
  };
}

function applied(
  parts: GatewayParts,
  change: Omit<Parameters<ConcurrencyGuard['policyApplied']>[0], 'timeoutMs'>,
): Promise<void> {
  const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
  return askGuard('policy', () => parts.guard.policyApplied({ ...change, timeoutMs }));
}

/** By their ids, which may be words such as `constructor`. */
async function policiesOf(parts: GatewayParts, tenant: string): Promise<ReadonlyMap<string, StoredPolicy>> {
  const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
  return new Map(Object.entries(await askGuard('policies', () => parts.guard.policies({ tenant, timeoutMs }))));
}

/** The policy of the path; what cannot be a policy's id is one that there is not. */
function policyOf(call: Call): string {
  const id = call.params['policy'] ?? '';
  if (!POLICY_ID.test(id)) throw policyUnknown();
  return id;
}

/** The policy of the path, of which there is none yet; else a 400 problem. */
function newPolicyOf(call: Call): string {
  const id = call.params['policy'] ?? '';
  if (POLICY_ID.test(id)) return id;
  const detail = 'must be 1 to 64 of a-z, 0-9 and -';
  throw problem(400, 'policy-invalid', {
    detail: `The policy's id ${detail}.`,
    errors: [{ pointer: '{policy}', code: 'pattern', detail }],
  });
}

const policyUnknown = (): Error => problem(404, 'policy-unknown', { detail: 'The tenant has no such policy.' });
