import { MAX_POLICIES_PER_TENANT } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';

/**
 * The policies that are set through this gateway right now: a guard may not list them yet. Gateways do not know of each
 * other's, so with several a tenant can have some more than its bound: a guard has room for as many again.
 */
export class PoliciesUnderway {
  readonly #tenants = new Map<string, readonly string[]>();

  /** Sets a policy. Throws a 409 problem where the tenant has no room beside those that are `listed` and underway. */
  async set<T>(
    { tenant, policy, listed }: { readonly tenant: string; readonly policy: string; readonly listed: Iterable<string> },
    write: () => Promise<T>,
  ): Promise<T> {
    const known = new Set(listed);
    const underway = this.#tenants.get(tenant) ?? [];
    if (!known.has(policy) && new Set([...known, ...underway, policy]).size > MAX_POLICIES_PER_TENANT) {
      throw problem(409, 'too-many-policies', { detail: `The tenant has ${MAX_POLICIES_PER_TENANT} policies.` });
    }
    this.#tenants.set(tenant, [...underway, policy]);
    try {
      return await write();
    } finally {
      const left = this.#tenants.get(tenant) ?? [];
      const others = left.toSpliced(left.indexOf(policy), 1);
      if (others.length > 0) this.#tenants.set(tenant, others);
      else this.#tenants.delete(tenant);
    }
  }
}
