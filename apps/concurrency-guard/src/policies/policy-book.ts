import {
  InvalidKeyError,
  MAX_POLICIES_PER_TENANT,
  parsePolicy,
  parsePolicyKey,
  policyVersion,
} from '@playhead/event-schemas';
import type { ConcurrencyGuard, Policy, StoredPolicy, TenantPolicy, TenantSettings } from '@playhead/event-schemas';
import type { RecordPlace } from '@playhead/service-kit';
import type { ActivePolicy } from './active-policy.ts';

/** The policy of a tenant that has no other in force: the limit of the entitlement. */
export const PLAN_LIMIT: ActivePolicy = {
  policy: {
    policy: 'plan-limit',
    rules: [{ rule: 'streams', max: { from: 'entitlement' }, strategy: 'block-new' }],
  },
  version: 1,
};

/**
 * Policies of a tenant that an instance takes, so that what one tenant costs has an end. Which ones of more depends on the
 * order in which it read the partitions, so this is well above the bound that gateways keep to: each looks for itself, and
 * several at once may go a little beyond it.
 */
export const MAX_POLICIES_KEPT = 2 * MAX_POLICIES_PER_TENANT;

interface Kept {
  readonly record: TenantPolicy;
  readonly version: number;
  /** Undefined: a document that this version cannot read; it decides nothing. */
  readonly policy: Policy | undefined;
}

type Change = Parameters<ConcurrencyGuard['policyApplied']>[0];

interface Waiting {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
}

/**
 * The policies and settings of all tenants as this instance has read them, parsed once. Written by the global tables'
 * processors, read by every task; a decision sees what stands here when its record is processed, and stores the versions.
 */
export class PolicyBook {
  readonly #tenants = new Map<string, Map<string, Kept>>();
  readonly #active = new Map<string, readonly ActivePolicy[]>();
  readonly #settings = new Map<string, TenantSettings>();
  readonly #waiting = new Set<Waiting>();
  /** The last offset of `policies` that was read, by partition. */
  readonly #read = new Map<number, number>();

  /** A record of `policies`. One under a key that is none is nobody's. */
  apply(key: string, record: TenantPolicy | null, { partition, offset }: RecordPlace): void {
    const owner = ownerOf(key);
    if (owner !== undefined) this.#set(owner, record, offset);
    this.#read.set(partition, offset);
    for (const waiting of this.#waiting) if (waiting.isMet()) waiting.resolve();
  }

  /** A record of `tenants.settings`. */
  applySettings(tenant: string, record: TenantSettings | null): void {
    if (record === null) this.#settings.delete(tenant);
    else this.#settings.set(tenant, record);
  }

  settings(tenant: string): TenantSettings | undefined {
    return this.#settings.get(tenant);
  }

  /** The policies that a start is asked about, by their ids; the limit of the entitlement where none is enforced. */
  active(tenant: string): readonly ActivePolicy[] {
    const known = this.#active.get(tenant);
    if (known !== undefined) return known;
    const kept = [...(this.#tenants.get(tenant)?.values() ?? [])]
      .flatMap(({ policy, version }) => (policy === undefined ? [] : [{ policy, version }]))
      .filter(({ policy: { mode } }) => mode !== 'off')
      .sort((a, b) => (a.policy.policy < b.policy.policy ? -1 : 1));
    const isEnforced = kept.some(({ policy: { mode = 'enforce' } }) => mode === 'enforce');
    const active = isEnforced ? kept : [PLAN_LIMIT, ...kept];
    // Only tenants with policies are remembered: others are named by whoever asks.
    if (kept.length > 0) this.#active.set(tenant, active);
    return active;
  }

  /** How many policies of all tenants this version cannot read: they decide nothing, as if they were not there. */
  get unreadable(): number {
    let count = 0;
    for (const policies of this.#tenants.values()) {
      for (const { policy } of policies.values()) if (policy === undefined) count++;
    }
    return count;
  }

  /** As they were written, for people. */
  stored(tenant: string): Readonly<Record<string, StoredPolicy>> {
    const policies = this.#tenants.get(tenant) ?? new Map<string, Kept>();
    return Object.fromEntries(
      [...policies].map(([name, { record, version }]) => [
        name,
        {
          version,
          updatedAt: record.updatedAt,
          ...(record.updatedBy === null ? {} : { updatedBy: record.updatedBy }),
          document: readJson(record.document),
        },
      ]),
    );
  }

  /**
   * Resolves when the change at `position` was read, whatever has overtaken it since, and had room; where no position is
   * told, when this version of the policy, or a later one, stands here (null: none). Rejects after `timeoutMs`.
   */
  async applied({ tenant, policy, version, position, timeoutMs }: Change): Promise<void> {
    const isMet = (): boolean => {
      const policies = this.#tenants.get(tenant);
      const found = policies?.get(policy)?.version;
      if (position === undefined) return version === null ? found === undefined : (found ?? -1) >= version;
      if ((this.#read.get(position.partition) ?? -1) < position.offset) return false;
      // One that is not there was taken back since, or found no room.
      return version === null || found !== undefined || (policies?.size ?? 0) < MAX_POLICIES_KEPT;
    };
    if (isMet()) return;
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        isMet,
        resolve: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new Error(`policy ${policy} of ${tenant} was not applied within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.add(waiting);
    });
  }

  #set({ tenant, policy }: ReturnType<typeof parsePolicyKey>, record: TenantPolicy | null, offset: number): void {
    const policies = this.#tenants.get(tenant) ?? new Map<string, Kept>();
    if (record === null) policies.delete(policy);
    else if (policies.has(policy) || policies.size < MAX_POLICIES_KEPT) {
      policies.set(policy, { record, version: policyVersion(record, offset), policy: parsePolicy(record.document) });
    }
    if (policies.size === 0) this.#tenants.delete(tenant);
    else this.#tenants.set(tenant, policies);
    this.#active.delete(tenant);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function ownerOf(key: string): ReturnType<typeof parsePolicyKey> | undefined {
  try {
    return parsePolicyKey(key);
  } catch (error) {
    if (error instanceof InvalidKeyError) return undefined;
    throw error;
  }
}
