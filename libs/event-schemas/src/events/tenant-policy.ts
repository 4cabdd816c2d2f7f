import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** A concurrency policy of a tenant. Topic policies, keyed tenant/policy, compacted; the value null takes it back. */
export interface TenantPolicy {
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** Tenant. */
  readonly tenant: string;
  /** Policy. */
  readonly policy: string;
  /** Version of the policy. 0: one more than the record's offset, so that no two records of a policy have the same, whoever wrote them and whatever was taken back before; earlier releases counted. */
  readonly version: number;
  /** The policy as JSON; see policies/policy.ts. */
  readonly document: string;
  /** When it was set, milliseconds UTC. */
  readonly updatedAt: number;
  /** Role of the one who set it. */
  readonly updatedBy: string | null;
}

/** The fields of a TenantPolicy that a writer has to give; the others have a default. */
export type NewTenantPolicy = Fillable<TenantPolicy, 'tenant' | 'policy' | 'version' | 'updatedAt'>;

/** The Avro schema of TenantPolicy, as it is registered. */
export const TENANT_POLICY_SCHEMA: string = readSchema('tenant-policy.avsc');

/** Completes a TenantPolicy with the defaults of its schema. */
export const newTenantPolicy: (fields: NewTenantPolicy) => TenantPolicy = recordFactory(TENANT_POLICY_SCHEMA);
