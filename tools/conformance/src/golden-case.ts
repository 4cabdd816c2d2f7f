type Texts<Fields extends string> = Readonly<Record<Fields, string>>;
type Numbers<Fields extends string> = Readonly<Record<Fields, number>>;

/** One call of the DSL, as FORMAT.md says; fields that are only handed on are not listed. */
export interface Op extends Texts<'op' | 'fn'>, Partial<Texts<'id' | 'name' | 'in' | 'with' | 'type' | 'emit'>> {
  readonly inputs?: readonly Op[];
  readonly branches?: readonly Op[];
  readonly default?: Op;
  /** Of an aggregation (with a type) or of a join of streams. */
  readonly window?: { readonly type?: string } & Numbers<
    'size' | 'advance' | 'diff' | 'gap' | 'before' | 'after' | 'grace'
  >;
  /** Null, in the named topologies: called without options. */
  readonly store?: Readonly<Record<string, unknown>> | null;
  readonly [other: string]: unknown;
}

/** What a run gives, and what a golden case says it gives. */
export interface CaseResult {
  readonly describe?: string;
  readonly internal?: readonly unknown[];
  readonly out?: readonly (readonly unknown[])[];
  readonly dropped?: number;
  readonly stores?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly phase: string; readonly class: string; readonly input?: number };
}

type Piped = readonly [
  topic: string,
  key: string | null,
  value: string | null,
  ms: number,
  headers?: [string, string][],
];

/** One line of a file. */
export interface GoldenCase extends CaseResult {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly config?: { readonly optimize?: 'none' | 'all'; readonly cache?: number; readonly ensureNames?: boolean };
  readonly topology: readonly Op[];
  readonly in: readonly (Piped | { readonly wall: number })[];
  readonly raw?: boolean;
}
