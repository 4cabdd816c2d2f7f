import type { AvroField, AvroType } from './avro-type.ts';

/** Why one schema cannot read what another wrote, with the names that Avro's Java gives to the reasons. */
export type ResolutionProblem =
  | 'TYPE_MISMATCH'
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'READER_FIELD_AMBIGUOUS'
  | 'MISSING_UNION_BRANCH';

/** A problem, with the path to it in the reader's schema and what is there. */
export interface ResolutionFault {
  readonly problem: ResolutionProblem;
  readonly path: string;
  readonly detail: string;
}

type Kind = AvroType['kind'];
type RecordType = Extract<AvroType, { kind: 'record' }>;
type EnumType = Extract<AvroType, { kind: 'enum' }>;

/** What a type of the reader takes besides itself: Avro's promotions. */
const PROMOTED_FROM: { readonly [Reader in Kind]?: readonly Kind[] } = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/**
 * Avro's schema resolution (Avro 1.12, "Schema Resolution"): every reason why `reader` cannot read what `writer` wrote; none when it can. Named types
 * match by their name without the namespace, or by an alias with it; fields by name or alias. Logical types do not count.
 */
export function resolutionFaults(reader: AvroType, writer: AvroType): readonly ResolutionFault[] {
  return new Resolution().faults(reader, writer, '');
}

class Resolution {
  /** Pairs under way or done: one that comes again within itself adds nothing. */
  readonly #seen = new Map<AvroType, Map<AvroType, readonly ResolutionFault[]>>();

  faults(reader: AvroType, writer: AvroType, path: string): readonly ResolutionFault[] {
    let ofReader = this.#seen.get(reader);
    if (ofReader === undefined) this.#seen.set(reader, (ofReader = new Map()));
    const seen = ofReader.get(writer);
    if (seen !== undefined) return seen;
    ofReader.set(writer, []);
    const found = this.#compare(reader, writer, path);
    ofReader.set(writer, found);
    return found;
  }

  #compare(reader: AvroType, writer: AvroType, path: string): readonly ResolutionFault[] {
    // Whatever the writer may have chosen has to be readable; of an empty union it chose nothing.
    if (writer.kind === 'union') return writer.branches.flatMap((branch) => this.faults(reader, branch, path));
    if (reader.kind === 'union') {
      if (reader.branches.some((branch) => this.faults(branch, writer, path).length === 0)) return [];
      return [fault('MISSING_UNION_BRANCH', path, `no branch reads ${nameOf(writer)}`)];
    }
    if (reader.kind === 'record' && writer.kind === 'record') return this.#compareRecords(reader, writer, path);
    if (reader.kind === 'enum' && writer.kind === 'enum') return compareEnums(reader, writer, path);
    if (reader.kind === 'fixed' && writer.kind === 'fixed') {
      const sizes =
        reader.size === writer.size
          ? []
          : [fault('FIXED_SIZE_MISMATCH', `${path}/size`, `expected ${reader.size}, found ${writer.size}`)];
      return [...nameFaults(reader, writer, path), ...sizes];
    }
    if ('items' in reader && 'items' in writer && reader.kind === writer.kind) {
      return this.faults(reader.items, writer.items, `${path}/${reader.kind === 'map' ? 'values' : 'items'}`);
    }
    if (reader.kind === writer.kind || PROMOTED_FROM[reader.kind]?.includes(writer.kind) === true) return [];
    return [fault('TYPE_MISMATCH', path, `${nameOf(reader)} does not read ${nameOf(writer)}`)];
  }

  #compareRecords(reader: RecordType, writer: RecordType, path: string): readonly ResolutionFault[] {
    const fields = reader.fields.flatMap((field, index) =>
      this.#compareField(field, writer, `${path}/fields/${index}`),
    );
    return [...nameFaults(reader, writer, path), ...fields];
  }

  #compareField(field: AvroField, writer: RecordType, path: string): readonly ResolutionFault[] {
    const names = new Set([field.name, ...field.aliases]);
    const written = writer.fields.filter(({ name }) => names.has(name));
    const [first, second] = written;
    if (second !== undefined) {
      const both = written.map(({ name }) => name).join(' and ');
      return [fault('READER_FIELD_AMBIGUOUS', path, `${field.name} matches ${both}`)];
    }
    if (first !== undefined) return this.faults(field.type, first.type, `${path}/type`);
    return field.hasDefault ? [] : [fault('READER_FIELD_MISSING_DEFAULT_VALUE', path, field.name)];
  }
}

function compareEnums(reader: EnumType, writer: EnumType, path: string): readonly ResolutionFault[] {
  const known = new Set(reader.symbols);
  const missing = reader.hasDefault ? [] : writer.symbols.filter((symbol) => !known.has(symbol));
  const symbols = missing.length === 0 ? [] : [fault('MISSING_ENUM_SYMBOLS', `${path}/symbols`, missing.join(', '))];
  return [...nameFaults(reader, writer, path), ...symbols];
}

function nameFaults(
  reader: Extract<AvroType, { fullName: string }>,
  writer: Extract<AvroType, { fullName: string }>,
  path: string,
): readonly ResolutionFault[] {
  if (reader.name === writer.name || reader.aliases.includes(writer.fullName)) return [];
  return [fault('NAME_MISMATCH', `${path}/name`, `expected ${writer.fullName}, found ${reader.fullName}`)];
}

const fault = (problem: ResolutionProblem, path: string, detail: string): ResolutionFault => ({
  problem,
  path: path === '' ? '/' : path,
  detail,
});

const nameOf = (type: AvroType): string => ('fullName' in type ? type.fullName : type.kind);
