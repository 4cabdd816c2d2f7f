import { parsePolicy, parsePolicyKey } from '@playhead/event-schemas';
import type { Policy, TenantPolicy, TenantSettings } from '@playhead/event-schemas';
import { makeRoom } from '@playhead/service-kit';

/** Most tenants whose rules are kept; full, those of the tenant that came first are forgotten. */
const MAX_TENANTS = 10_000;
const NONE: ReadonlyMap<string, Policy> = new Map();

/** Settings and policies of the tenants, as `tenants.settings` and `policies` have them: for what the gateway decides itself. */
export class TenantRules {
  readonly #settings = new Map<string, TenantSettings>();
  readonly #policies = new Map<string, Map<string, Policy>>();

  settingsOf(tenant: string): TenantSettings | undefined {
    return this.#settings.get(tenant);
  }

  /** By their ids. */
  policiesOf(tenant: string): ReadonlyMap<string, Policy> {
    return this.#policies.get(tenant) ?? NONE;
  }

  /** Takes a record of `tenants.settings`; null returns the tenant to the settings of the installation. */
  applySettings(tenant: string, settings: TenantSettings | null): void {
    if (settings === null) this.#settings.delete(tenant);
    else {
      if (!this.#settings.has(tenant)) makeRoom(this.#settings, MAX_TENANTS);
      this.#settings.set(tenant, settings);
    }
  }

  /** Takes a record of `policies`. One that this version cannot read is none. Throws `InvalidKeyError`. */
  applyPolicy(key: string, record: TenantPolicy | null): void {
    const { tenant, policy: id } = parsePolicyKey(key);
    const policy = record === null ? undefined : parsePolicy(record.document);
    if (policy === undefined) {
      this.#policies.get(tenant)?.delete(id);
      return;
    }
    let policies = this.#policies.get(tenant);
    if (policies === undefined) {
      makeRoom(this.#policies, MAX_TENANTS);
      policies = new Map();
      this.#policies.set(tenant, policies);
    }
    policies.set(id, policy);
  }
}
