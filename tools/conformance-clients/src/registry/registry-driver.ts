/** A version of a subject. */
export interface SubjectVersion {
  readonly id: number;
  readonly version: number;
}

/** What the registry's clients are asked for; schemas are texts. Every method rejects with OperationError where the registry refused. */
export interface RegistryOperations {
  readonly register: {
    readonly in: { readonly subject: string; readonly schema: string; readonly normalize?: boolean };
    readonly out: number;
  };
  readonly lookup: {
    readonly in: { readonly subject: string; readonly schema: string; readonly normalize?: boolean };
    readonly out: SubjectVersion;
  };
  readonly schemaById: { readonly in: { readonly schemaId: number }; readonly out: string };
  readonly latest: { readonly in: { readonly subject: string }; readonly out: SubjectVersion };
  readonly version: {
    readonly in: { readonly subject: string; readonly version: number };
    readonly out: SubjectVersion;
  };
  readonly versions: { readonly in: { readonly subject: string }; readonly out: readonly number[] };
  readonly subjects: { readonly in: { readonly deleted?: boolean }; readonly out: readonly string[] };
  readonly uses: { readonly in: { readonly schemaId: number }; readonly out: readonly (readonly [string, number])[] };
  readonly isCompatible: { readonly in: { readonly subject: string; readonly schema: string }; readonly out: boolean };
  readonly isCompatibleWithAll: {
    readonly in: { readonly subject: string; readonly schema: string };
    readonly out: boolean;
  };
  readonly setCompatibility: { readonly in: { readonly subject?: string; readonly level: string }; readonly out: null };
  readonly compatibility: { readonly in: { readonly subject?: string }; readonly out: string };
  readonly deleteConfig: { readonly in: { readonly subject: string }; readonly out: null };
  readonly deleteVersion: {
    readonly in: { readonly subject: string; readonly version: number; readonly permanent?: boolean };
    readonly out: number;
  };
  readonly deleteSubject: {
    readonly in: { readonly subject: string; readonly permanent?: boolean };
    readonly out: readonly number[];
  };
  readonly setMode: { readonly in: { readonly subject: string; readonly mode: string }; readonly out: null };
  readonly mode: { readonly in: { readonly subject: string }; readonly out: string };
  /** Bytes in the wire format: 0, the schema's id, the value. */
  readonly encode: {
    readonly in: { readonly subject: string; readonly schema: string; readonly value: object };
    readonly out: readonly number[];
  };
  readonly decode: { readonly in: { readonly bytes_: readonly number[] }; readonly out: object };
}

/** The name of an operation. */
export type RegistryOperationName = keyof RegistryOperations;

/** One instance of a client. */
export interface RegistryDriver {
  call<Name extends RegistryOperationName>(
    operation: Name,
    request: RegistryOperations[Name]['in'],
  ): Promise<RegistryOperations[Name]['out']>;
  close(): Promise<void>;
}
