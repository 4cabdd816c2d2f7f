import type { CompatibilityLevel } from './compatibility.ts';
import type { RegistryMode, SchemaEntry } from './schema-entry.ts';

/** A version of a subject. `deleted`: soft deleted, still readable by id. */
export interface SchemaVersion {
  readonly version: number;
  readonly id: number;
  readonly deleted: boolean;
}

/** The registry's state: what the entries applied so far add up to. It decides nothing and writes nothing. */
export class SchemaStore {
  /** The id that the next new schema gets; ids are never given twice. */
  nextId = 1;
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #texts = new Map<number, string>();
  readonly #ids = new Map<string, number>();
  readonly #levels = new Map<string | null, CompatibilityLevel>();
  readonly #modes = new Map<string | null, RegistryMode>();

  apply(entry: SchemaEntry): void {
    switch (entry.type) {
      case 'schema':
        this.#put(
          entry.subject,
          { version: entry.version, id: entry.id, deleted: entry.deleted === true },
          entry.schema,
        );
        break;
      case 'delete':
        for (const version of entry.versions) {
          this.#delete(entry.subject, version, entry.permanent);
        }
        break;
      case 'config':
        setOrDelete(this.#levels, entry.subject, entry.level);
        break;
      case 'mode':
        setOrDelete(this.#modes, entry.subject, entry.mode);
        break;
      case 'next-id':
        this.nextId = Math.max(this.nextId, entry.id);
        break;
    }
  }

  /** Schemas, each counted once however many subjects have it. */
  get schemaCount(): number {
    return this.#texts.size;
  }

  /** Names in ascending order. */
  subjects(options: { readonly deleted: boolean }): string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, options).length > 0).sort();
  }

  /** A subject's versions in ascending order; empty for a subject that does not exist. */
  versions(subject: string, { deleted }: { readonly deleted: boolean }): SchemaVersion[] {
    const versions = [...(this.#subjects.get(subject)?.values() ?? [])].filter((one) => deleted || !one.deleted);
    return versions.sort((a, b) => a.version - b.version);
  }

  /** The canonical text of an id. */
  text(id: number): string | undefined {
    return this.#texts.get(id);
  }

  /** The id of a canonical text. */
  idOf(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** Null for the global level, which is BACKWARD unless set. */
  level(subject: string | null): CompatibilityLevel | undefined {
    return this.#levels.get(subject) ?? (subject === null ? 'BACKWARD' : undefined);
  }

  /** Null for the global mode, which is READWRITE unless set. */
  mode(subject: string | null): RegistryMode | undefined {
    return this.#modes.get(subject) ?? (subject === null ? 'READWRITE' : undefined);
  }

  /** The shortest list of entries that gives this state. */
  *entries(): Generator<SchemaEntry> {
    for (const [subject, versions] of this.#subjects) {
      for (const { version, id, deleted } of versions.values()) {
        yield { type: 'schema', subject, version, id, schema: this.#texts.get(id) ?? '', deleted };
      }
    }
    for (const [subject, level] of this.#levels) {
      yield { type: 'config', subject, level };
    }
    for (const [subject, mode] of this.#modes) {
      yield { type: 'mode', subject, mode };
    }
    yield { type: 'next-id', id: this.nextId };
  }

  #put(subject: string, version: SchemaVersion, text: string): void {
    const versions = this.#subjects.get(subject) ?? new Map<number, SchemaVersion>();
    versions.set(version.version, version);
    this.#subjects.set(subject, versions);
    this.#texts.set(version.id, text);
    this.#ids.set(text, version.id);
    this.nextId = Math.max(this.nextId, version.id + 1);
  }

  #delete(subject: string, version: number, permanent: boolean): void {
    const versions = this.#subjects.get(subject);
    const found = versions?.get(version);
    if (versions === undefined || found === undefined) {
      return;
    }
    if (!permanent) {
      versions.set(version, { ...found, deleted: true });
      return;
    }
    versions.delete(version);
    if (versions.size === 0) {
      this.#subjects.delete(subject);
    }
    if (![...this.#subjects.values()].some((others) => [...others.values()].some(({ id }) => id === found.id))) {
      this.#ids.delete(this.#texts.get(found.id) ?? '');
      this.#texts.delete(found.id);
    }
  }
}

function setOrDelete<V>(map: Map<string | null, V>, key: string | null, value: V | null): void {
  if (value === null) {
    map.delete(key);
  } else {
    map.set(key, value);
  }
}
