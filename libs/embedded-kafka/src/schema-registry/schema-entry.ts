import type { CompatibilityLevel } from './compatibility.ts';

/** Whether schemas may be registered and deleted. IMPORT takes ids and versions from the request; READONLY_OVERRIDE holds for every subject. */
export const REGISTRY_MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;

/** See `REGISTRY_MODES`. */
export type RegistryMode = (typeof REGISTRY_MODES)[number];

/** A change of the registry's state, as it stands in the log. A subject of null is all subjects. */
export type SchemaEntry =
  | {
      readonly type: 'schema';
      readonly subject: string;
      readonly version: number;
      readonly id: number;
      readonly schema: string;
      readonly deleted?: boolean;
    }
  | {
      readonly type: 'delete';
      readonly subject: string;
      readonly versions: readonly number[];
      readonly permanent: boolean;
    }
  | { readonly type: 'config'; readonly subject: string | null; readonly level: CompatibilityLevel | null }
  | { readonly type: 'mode'; readonly subject: string | null; readonly mode: RegistryMode | null }
  | { readonly type: 'next-id'; readonly id: number };

/** Whether a text names a mode. */
export function isRegistryMode(value: unknown): value is RegistryMode {
  return REGISTRY_MODES.some((mode) => mode === value);
}
