import type { TenantSettings } from '../events/tenant-settings.ts';
import type { Policy } from './policy.ts';
import { fulfils } from './stream-attributes.ts';
import type { StreamAttributes } from './stream-attributes.ts';

/** What is known when nobody decided on a start in time. */
export interface UndecidedStart {
  readonly attributes: StreamAttributes;
  /** Exempt or downloaded content is never refused. */
  readonly isFree: boolean;
  /** All policies of the tenant. */
  readonly policies: readonly Policy[];
  readonly settings: TenantSettings | undefined;
  /** The rule of the installation. */
  readonly otherwise: 'allow' | 'deny';
}

/**
 * Whether a start is admitted that nobody decided on in time: a policy about it that says deny refuses it, then one that
 * says allow admits it, then the tenant's rule holds, then the installation's. A tenant in SHADOW refuses nothing.
 */
export function failRule({ attributes, isFree, policies, settings, otherwise }: UndecidedStart): 'allow' | 'deny' {
  if (isFree || settings?.enforcement === 'SHADOW') return 'allow';
  const asked = policies.filter(
    ({ mode = 'enforce', rules }) => mode === 'enforce' && rules.some(({ where }) => fulfils(attributes, where)),
  );
  for (const said of ['deny', 'allow'] as const) {
    if (asked.some(({ onUnavailable }) => onUnavailable === said)) return said;
  }
  if (settings?.failRule === 'ALLOW') return 'allow';
  return settings?.failRule === 'DENY' ? 'deny' : otherwise;
}
