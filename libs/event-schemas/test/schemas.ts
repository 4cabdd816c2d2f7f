import { readFileSync } from 'node:fs';
import { ACCOUNT_ENTITLEMENT_SCHEMA } from '../src/events/account-entitlement.ts';
import { CONCURRENCY_LEVEL_SCHEMA } from '../src/events/concurrency-level.ts';
import { PLAYBACK_DECISION_SCHEMA } from '../src/events/playback-decision.ts';
import { PLAYBACK_EVENT_SCHEMA } from '../src/events/playback-event.ts';
import { PLAYBACK_HEARTBEAT_SCHEMA } from '../src/events/playback-heartbeat.ts';
import { PLAYBACK_VERDICT_SCHEMA } from '../src/events/playback-verdict.ts';
import { TENANT_POLICY_SCHEMA } from '../src/events/tenant-policy.ts';
import { TENANT_SETTINGS_SCHEMA } from '../src/events/tenant-settings.ts';

/** Every schema of the package: the name of its files, its text, and the name of its constant. */
export const schemas = [
  { file: 'account-entitlement', text: ACCOUNT_ENTITLEMENT_SCHEMA, constant: 'ACCOUNT_ENTITLEMENT_SCHEMA' },
  { file: 'concurrency-level', text: CONCURRENCY_LEVEL_SCHEMA, constant: 'CONCURRENCY_LEVEL_SCHEMA' },
  { file: 'playback-decision', text: PLAYBACK_DECISION_SCHEMA, constant: 'PLAYBACK_DECISION_SCHEMA' },
  { file: 'playback-event', text: PLAYBACK_EVENT_SCHEMA, constant: 'PLAYBACK_EVENT_SCHEMA' },
  { file: 'playback-heartbeat', text: PLAYBACK_HEARTBEAT_SCHEMA, constant: 'PLAYBACK_HEARTBEAT_SCHEMA' },
  { file: 'playback-verdict', text: PLAYBACK_VERDICT_SCHEMA, constant: 'PLAYBACK_VERDICT_SCHEMA' },
  { file: 'tenant-policy', text: TENANT_POLICY_SCHEMA, constant: 'TENANT_POLICY_SCHEMA' },
  { file: 'tenant-settings', text: TENANT_SETTINGS_SCHEMA, constant: 'TENANT_SETTINGS_SCHEMA' },
];

/** The text of a file of this package. */
export function packageFile(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}
