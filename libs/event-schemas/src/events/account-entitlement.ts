import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** What an account may watch at once. Topic accounts.entitlements, keyed tenant/account; the value null returns it to the default plan of the tenant. */
export interface AccountEntitlement {
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** Tenant. */
  readonly tenant: string;
  /** Account. */
  readonly account: string;
  /** Name of the plan. */
  readonly plan: string | null;
  /** Streams at once; null: the default of the tenant. */
  readonly maxStreams: number | null;
  /** When it was set, milliseconds UTC. */
  readonly updatedAt: number;
  /** Role of the one who set it. */
  readonly updatedBy: string | null;
}

/** The fields of a AccountEntitlement that a writer has to give; the others have a default. */
export type NewAccountEntitlement = Fillable<AccountEntitlement, 'tenant' | 'account' | 'updatedAt'>;

/** The Avro schema of AccountEntitlement, as it is registered. */
export const ACCOUNT_ENTITLEMENT_SCHEMA: string = readSchema('account-entitlement.avsc');

/** Completes a AccountEntitlement with the defaults of its schema. */
export const newAccountEntitlement: (fields: NewAccountEntitlement) => AccountEntitlement =
  recordFactory(ACCOUNT_ENTITLEMENT_SCHEMA);
