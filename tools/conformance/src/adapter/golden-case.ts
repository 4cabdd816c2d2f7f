type TextField = 'id' | 'name' | 'in' | 'with' | 'type' | 'fn' | 'emit';

/** One call of the DSL, as FORMAT.md says; fields that are only handed on are not listed. */
export interface Op extends Readonly<Partial<Record<TextField, string>>> {
  readonly op: string;
  readonly inputs?: readonly Op[];
  readonly branches?: readonly Op[];
  readonly default?: Op;
  readonly window?: Readonly<Record<string, unknown>>;
  /** Null, in the named topologies: called without options. */
  readonly store?: Readonly<Record<string, unknown>> | null;
  readonly [other: string]: unknown;
}

type Piped = readonly [
  topic: string,
  key: string | null,
  value: string | null,
  ms: number,
  headers?: [string, string][],
];

/** What a run gives, and what a golden case says it gives. */
export type CaseResult = Partial<Record<'error' | 'describe' | 'internal' | 'out' | 'dropped' | 'stores', unknown>>;

/** One line of a file. */
export interface GoldenCase extends Readonly<CaseResult> {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly config?: {
    readonly optimize?: string | readonly string[];
    readonly cache?: number;
    readonly ensureNames?: boolean;
  };
  readonly topology: readonly Op[];
  readonly in: readonly (Piped | { readonly wall: number })[];
  readonly raw?: boolean;
  /** Of rows in bytes, where not all are compared. */
  readonly columns?: number;
}
