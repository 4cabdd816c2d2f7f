import { newTenantSettings } from '@playhead/event-schemas';
import type { TenantSettings } from '@playhead/event-schemas';
import { roleOf } from '../auth/credentials.ts';
import type { TenantSettingsBody } from '../contract/bodies.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { tenantSettingsSchema } from '../contract/control-schemas.ts';
import { closed } from '../contract/field-schemas.ts';
import { answers, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { jsonBody } from './json-body.ts';

/** `GET /v1/settings`: the settings of the tenant, as far as it has its own. */
export function getTenantSettings(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/settings',
    operation: {
      operationId: 'getTenantSettings',
      tags: ['operators'],
      summary: 'Show the settings of the tenant',
      description: 'Those that were set. What is absent has its default, which the schema names.',
      security: [{ token: [] }],
      responses: { '200': answers('The settings.', ref('TenantSettings')), ...problems(401, 403, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service']);
      return { status: 200, body: shown(parts.rules.settingsOf(tenant)) };
    },
  };
}

/** `PUT /v1/settings`: sets all of them; what is left out is as the installation says. */
export function putTenantSettings(parts: GatewayParts): Route {
  // All settings are replaced: a name that was misspelt would take the setting back that was meant.
  const validator = new BodyValidator<TenantSettingsBody>(closed(tenantSettingsSchema), {
    onUnknownField: () => parts.metrics.unknownFields.add('tenant-settings'),
  });
  return {
    method: 'PUT',
    path: '/v1/settings',
    operation: {
      operationId: 'putTenantSettings',
      tags: ['operators'],
      summary: 'Set the settings of the tenant',
      description:
        'All of them: what is left out is as the installation says, and a name that is not known is refused. Other services follow within moments.',
      security: [{ token: [] }],
      requestBody: requestBody('TenantSettings'),
      responses: { '204': { description: 'Set.' }, ...problems(400, 401, 403, 413, 415, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      const settings = newTenantSettings({
        tenant,
        enforcement: body.enforcement === undefined ? 'UNKNOWN' : body.enforcement === 'shadow' ? 'SHADOW' : 'ENFORCE',
        failRule: body.failRule === undefined ? 'UNKNOWN' : body.failRule === 'allow' ? 'ALLOW' : 'DENY',
        uncheckedLeaseMs: body.uncheckedLeaseMs ?? null,
        heartbeatIntervalMs: body.heartbeatIntervalMs ?? null,
        heartbeatGraceMs: body.heartbeatGraceMs ?? null,
        heartbeatMaxMissed: body.heartbeatMaxMissed ?? null,
        webhookUrl: body.webhookUrl ?? null,
        webhookKeyId: body.webhookKeyId ?? null,
        showTitles: body.showTitles ?? null,
        updatedAt: call.receivedAt,
        updatedBy: 'operator',
      });
      await parts.log.tenantSettings(settings);
      parts.rules.applySettings(tenant, settings);
      return { status: 204 };
    },
  };
}

const ENFORCEMENTS = { ENFORCE: 'enforce', SHADOW: 'shadow', UNKNOWN: null } as const;
const FAIL_RULES = { ALLOW: 'allow', DENY: 'deny', UNKNOWN: null } as const;

function shown(settings: TenantSettings | undefined): object {
  if (settings === undefined) return {};
  const all = {
    enforcement: ENFORCEMENTS[settings.enforcement],
    failRule: FAIL_RULES[settings.failRule],
    uncheckedLeaseMs: settings.uncheckedLeaseMs,
    heartbeatIntervalMs: settings.heartbeatIntervalMs,
    heartbeatGraceMs: settings.heartbeatGraceMs,
    heartbeatMaxMissed: settings.heartbeatMaxMissed,
    webhookUrl: settings.webhookUrl,
    webhookKeyId: settings.webhookKeyId,
    showTitles: settings.showTitles,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
