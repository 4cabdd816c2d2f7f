import type { TenantPolicy } from '../events/tenant-policy.ts';

/** The version of a policy whose record lies at this offset of its partition. */
export function policyVersion({ version }: Pick<TenantPolicy, 'version'>, offset: number): number {
  return version === 0 ? offset + 1 : version;
}
