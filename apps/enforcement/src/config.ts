import {
  defineSettings,
  durationMs,
  int,
  list,
  optional,
  parseSecretKeys,
  port,
  secret,
  url,
} from '@playhead/service-kit';
import type { SecretKey, SettingValues } from '@playhead/service-kit';

const KEYS =
  'kid:base64url pairs separated by commas, 32 bytes or more each; the first one signs where a tenant names none';

/** The enforcement service's own settings. */
export const enforcementSettings = defineSettings({
  ENFORCEMENT_ADMIN_PORT: port('Port of health, metrics and internal calls of the enforcement service.', 8092),
  ENFORCEMENT_WEBHOOK_URL: optional(
    url('Where streams to revoke are told of tenants that name no address of their own (`PUT /v1/settings`).'),
  ),
  ENFORCEMENT_WEBHOOK_HOSTS: optional(
    list(
      'Hosts that tenants may name for their webhooks, each as a whole, at any port; without it any, also of networks that only this service reaches.',
    ),
  ),
  ENFORCEMENT_WEBHOOK_KEYS: optional(
    secret<readonly SecretKey[]>('Keys that sign what is sent to webhooks.', undefined, KEYS, parseSecretKeys),
  ),
  ENFORCEMENT_TIMEOUT_MS: durationMs('How long a webhook may take to answer.', 5_000, { min: 10 }),
  ENFORCEMENT_FIRST_RETRY_MS: durationMs('First pause before a webhook is tried again; it doubles.', 500, { min: 1 }),
  ENFORCEMENT_MAX_RETRY_MS: durationMs('Longest pause before a webhook is tried again.', 60_000, { min: 1 }),
  ENFORCEMENT_MAX_AGE_MS: durationMs('A revocation that nobody took for so long is given up.', 86_400_000, {
    min: 1000,
  }),
  ENFORCEMENT_MAX_PENDING: int('Revocations that may wait in a partition; beyond it the oldest is given up.', 10_000, {
    min: 1,
  }),
  ENFORCEMENT_MAX_IN_FLIGHT: int('Requests to webhooks at a time.', 32, { min: 1 }),
  ENFORCEMENT_SWEEP_MS: durationMs('How often answers are entered and retries are begun.', 100, { min: 10 }),
});

/** The values of the enforcement service's own settings. */
export type EnforcementSettings = SettingValues<typeof enforcementSettings>;
