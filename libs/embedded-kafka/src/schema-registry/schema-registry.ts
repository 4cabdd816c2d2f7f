import type { BrokerLogger } from '../logger.ts';
import { parseSchema } from './canonical-schema.ts';
import type { ParsedSchema } from './canonical-schema.ts';
import { compatibilityProblems } from './compatibility.ts';
import type { CompatibilityLevel, EarlierSchema } from './compatibility.ts';
import { refuse } from './registry-error.ts';
import type { RegistryMode, SchemaEntry } from './schema-entry.ts';
import type { SchemaLog } from './schema-log.ts';
import { SchemaStore } from './schema-store.ts';
import type { SchemaVersion } from './schema-store.ts';

/** Different schemas one registry takes. */
const MAX_SCHEMAS = 20_000;
/** Longest name of a subject. */
const MAX_SUBJECT_LENGTH = 512;

/** A schema as a request brings it. `id` and `version` count in mode IMPORT only. */
export interface SchemaToRegister {
  readonly text: string;
  readonly id?: number | undefined;
  readonly version?: number | undefined;
}

/**
 * The rules of the registry over its store. Every change is on disk before it is seen and before its method returns;
 * methods are synchronous, so two requests never interleave. Refusals are `RegistryError`s.
 */
export class SchemaRegistry {
  /** What there is; to be read only. */
  readonly store = new SchemaStore();
  readonly #log: SchemaLog;
  readonly #logger: BrokerLogger;

  constructor(log: SchemaLog, entries: readonly SchemaEntry[], logger: BrokerLogger) {
    this.#log = log;
    this.#logger = logger;
    for (const entry of entries) {
      this.store.apply(entry);
    }
    log.rewriteIfLong(entries.length, [...this.store.entries()]);
  }

  /** The id of the schema: the one it has where the subject or any other has it already, else a new one. */
  register(subject: string, { text, id, version }: SchemaToRegister): number {
    checkSubject(subject);
    const schema = parseSchema(text);
    const known = this.#find(subject, schema, { deleted: false });
    if (known !== undefined && (id === undefined || id === known.id)) {
      return known.id;
    }
    const importing = id !== undefined;
    this.#checkWritable(subject, { importing });
    const all = this.store.versions(subject, { deleted: true });
    const next = importing && version !== undefined ? version : (all.at(-1)?.version ?? 0) + 1;
    if (!importing) {
      const problems = compatibilityProblems(this.levelOf(subject), schema, this.earlier(subject));
      if (problems.length > 0) {
        throw refuse.incompatible(subject, problems);
      }
    }
    const newId = this.#idFor(schema, id);
    this.#write({ type: 'schema', subject, version: next, id: newId, schema: schema.text });
    return newId;
  }

  /** The version of the subject that has the schema. Throws 40401, 40403. */
  lookup(subject: string, text: string, options: { readonly deleted: boolean }): SchemaVersion {
    this.versions(subject, options);
    const found = this.#find(subject, parseSchema(text), options);
    if (found === undefined) {
      throw refuse.schemaNotFound();
    }
    return found;
  }

  /** The subject's versions in ascending order, at least one. Throws 40401. */
  versions(subject: string, options: { readonly deleted: boolean }): readonly SchemaVersion[] {
    const versions = this.store.versions(subject, options);
    if (versions.length === 0) {
      throw refuse.subjectNotFound(subject);
    }
    return versions;
  }

  /** One version of the subject; −1 is the latest. Throws 40401, 40402. */
  version(subject: string, version: number, options: { readonly deleted: boolean }): SchemaVersion {
    const versions = this.versions(subject, options);
    const found = version === -1 ? versions.at(-1) : versions.find((one) => one.version === version);
    if (found === undefined) {
      throw refuse.versionNotFound(version);
    }
    return found;
  }

  /** Deletes all versions and the subject's settings; `permanent` only after that. Returns the versions. */
  deleteSubject(subject: string, { permanent }: { readonly permanent: boolean }): readonly number[] {
    this.#checkWritable(subject, { importing: false });
    const all = this.versions(subject, { deleted: true });
    const live = all.filter(({ deleted }) => !deleted);
    if (permanent && live.length > 0) {
      throw refuse.subjectNotSoftDeleted(subject);
    }
    if (!permanent && live.length === 0) {
      throw refuse.subjectSoftDeleted(subject);
    }
    const versions = (permanent ? all : live).map(({ version }) => version);
    this.#write({ type: 'delete', subject, versions, permanent });
    this.setLevel(subject, null);
    this.setMode(subject, null);
    return versions;
  }

  /** Deletes one version; `permanent` only after that. Returns its number. */
  deleteVersion(subject: string, version: number, { permanent }: { readonly permanent: boolean }): number {
    this.#checkWritable(subject, { importing: false });
    const found = this.version(subject, version, { deleted: permanent || version !== -1 });
    if (permanent !== found.deleted) {
      throw permanent
        ? refuse.versionNotSoftDeleted(subject, found.version)
        : refuse.versionSoftDeleted(subject, found.version);
    }
    this.#write({ type: 'delete', subject, versions: [found.version], permanent });
    return found.version;
  }

  /** The level that holds for a subject. */
  levelOf(subject: string): CompatibilityLevel {
    return this.store.level(subject) ?? this.store.level(null) ?? 'BACKWARD';
  }

  /** Sets the level of a subject, or of all (null); null returns to the default. */
  setLevel(subject: string | null, level: CompatibilityLevel | null): void {
    if (level !== null || this.store.level(subject) !== undefined) {
      this.#write({ type: 'config', subject, level });
    }
  }

  /** Sets the mode of a subject, or of all (null); null returns to the default. */
  setMode(subject: string | null, mode: RegistryMode | null): void {
    if (mode !== null || this.store.mode(subject) !== undefined) {
      this.#write({ type: 'mode', subject, mode });
    }
  }

  /** The subject's live versions, parsed. */
  earlier(subject: string): readonly EarlierSchema[] {
    return this.store.versions(subject, { deleted: false }).map((one) => this.parsed(one));
  }

  /** A version with its schema parsed. */
  parsed({ version, id }: SchemaVersion): EarlierSchema {
    return { version, schema: parseSchema(this.store.text(id) ?? '') };
  }

  #find(subject: string, schema: ParsedSchema, options: { readonly deleted: boolean }): SchemaVersion | undefined {
    const id = this.store.idOf(schema.text);
    return this.store.versions(subject, options).findLast((one) => one.id === id);
  }

  #idFor(schema: ParsedSchema, wanted: number | undefined): number {
    const known = this.store.idOf(schema.text);
    if (
      wanted !== undefined &&
      ((known ?? wanted) !== wanted || (this.store.text(wanted) ?? schema.text) !== schema.text)
    ) {
      throw refuse.idDoesNotMatch(wanted);
    }
    if (known === undefined && this.store.schemaCount >= MAX_SCHEMAS) {
      throw refuse.storeFailed(`the registry holds ${MAX_SCHEMAS} schemas, its limit`);
    }
    return known ?? wanted ?? this.store.nextId;
  }

  #checkWritable(subject: string, { importing }: { readonly importing: boolean }): void {
    const everywhere = this.store.mode(null);
    const mode = everywhere === 'READONLY_OVERRIDE' ? everywhere : (this.store.mode(subject) ?? everywhere);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') {
      throw refuse.notPermitted(`Subject ${subject} is in read-only mode`);
    }
    if (importing && mode !== 'IMPORT') {
      throw refuse.notPermitted(`Subject ${subject} is not in import mode`);
    }
  }

  #write(entry: SchemaEntry): void {
    try {
      this.#log.append(entry);
    } catch (error) {
      throw refuse.storeFailed(error instanceof Error ? error.message : String(error));
    }
    this.store.apply(entry);
    const { type, ...what } = entry;
    if ('schema' in what) this.#logger.info(`schema registry: ${type}`, { ...what, schema: undefined });
    // A line of the log has a level of its own.
    else if ('level' in what) {
      const { level, ...which } = what;
      this.#logger.info(`schema registry: ${type}`, { ...which, compatibility: level });
    } else this.#logger.info(`schema registry: ${type}`, what);
  }
}

function checkSubject(subject: string): void {
  if (subject === '' || subject.length > MAX_SUBJECT_LENGTH || /\p{Cc}/u.test(subject)) {
    throw refuse.invalidSubject(subject);
  }
}
