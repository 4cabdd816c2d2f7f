import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** ENFORCE: policies decide. SHADOW: they only count, everything is admitted and a start ends no older stream of its device, for a peak night. */
export type Enforcement = 'UNKNOWN' | 'ENFORCE' | 'SHADOW';
/** What holds for a start that nobody decided on in time. */
export type FailRule = 'UNKNOWN' | 'ALLOW' | 'DENY';
/** Settings of a tenant; null is the installation's own. Topic tenants.settings, keyed tenant, compacted; the value null returns them to the installation's. */
export interface TenantSettings {
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** Tenant. */
  readonly tenant: string;
  /** Whether policies decide; UNKNOWN is ENFORCE. */
  readonly enforcement: Enforcement;
  /** For a start that no policy says otherwise about; UNKNOWN is the installation's rule. */
  readonly failRule: FailRule;
  /** Life of the ticket of a stream that was admitted unchecked. */
  readonly uncheckedLeaseMs: number | null;
  /** Interval of native beats. */
  readonly heartbeatIntervalMs: number | null;
  /** Added to the interval of native beats for the lease. */
  readonly heartbeatGraceMs: number | null;
  /** Beats that a player may miss before it stops. */
  readonly heartbeatMaxMissed: number | null;
  /** Where enforcement tells of streams to revoke. */
  readonly webhookUrl: string | null;
  /** Key that signs those requests, by its name among the keys of the enforcement service. */
  readonly webhookKeyId: string | null;
  /** True when conflicts may name titles and profiles to the viewer. */
  readonly showTitles: boolean | null;
  /** When it was set, milliseconds UTC. */
  readonly updatedAt: number;
  /** Role of the one who set it. */
  readonly updatedBy: string | null;
}

/** The fields of a TenantSettings that a writer has to give; the others have a default. */
export type NewTenantSettings = Fillable<TenantSettings, 'tenant' | 'updatedAt'>;

/** The Avro schema of TenantSettings, as it is registered. */
export const TENANT_SETTINGS_SCHEMA: string = readSchema('tenant-settings.avsc');

/** Completes a TenantSettings with the defaults of its schema. */
export const newTenantSettings: (fields: NewTenantSettings) => TenantSettings = recordFactory(TENANT_SETTINGS_SCHEMA);
