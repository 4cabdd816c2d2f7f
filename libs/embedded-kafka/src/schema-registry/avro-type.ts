/** JSON as `JSON.parse` answers it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A field of a record. */
export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly hasDefault: boolean;
  readonly type: AvroType;
}

interface Named {
  readonly name: string;
  /** With its namespace. */
  readonly fullName: string;
  /** With their namespaces. */
  readonly aliases: readonly string[];
}

/** A schema as a graph: a type that is named twice is one object, so that a record may contain itself. Logical types are left out. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | (Named & { readonly kind: 'enum'; readonly symbols: readonly string[]; readonly hasDefault: boolean })
  | (Named & { readonly kind: 'fixed'; readonly size: number })
  | (Named & { readonly kind: 'record'; readonly fields: readonly AvroField[] });

type JsonObject = { readonly [name: string]: Json };

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** The types of a schema that is known to be valid. */
export function avroTypeOf(schema: Json): AvroType {
  return read(schema, '', new Map());
}

function read(schema: Json, enclosing: string, known: Map<string, AvroType>): AvroType {
  if (typeof schema === 'string') return byName(schema, enclosing, known);
  if (isArray(schema)) return { kind: 'union', branches: schema.map((branch) => read(branch, enclosing, known)) };
  const node = schema as JsonObject;
  switch (node['type']) {
    case 'array':
      return { kind: 'array', items: read(node['items'] ?? null, enclosing, known) };
    case 'map':
      return { kind: 'map', items: read(node['values'] ?? null, enclosing, known) };
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return readNamed(node, enclosing, known);
    default:
      return read(node['type'] ?? null, enclosing, known);
  }
}

function byName(name: string, enclosing: string, known: ReadonlyMap<string, AvroType>): AvroType {
  const found = known.get(qualified(name, enclosing)) ?? known.get(name);
  if (found !== undefined) return found;
  if (!PRIMITIVES.has(name)) throw new Error(`undefined name ${name}`);
  return { kind: name } as AvroType;
}

function readNamed(node: JsonObject, enclosing: string, known: Map<string, AvroType>): AvroType {
  const given = String(node['name']);
  const fullName = qualified(given, String(node['namespace'] ?? enclosing));
  const dot = fullName.lastIndexOf('.');
  const namespace = dot < 0 ? '' : fullName.slice(0, dot);
  const aliases = listOf(node['aliases']).map((alias) => qualified(alias, namespace));
  const named = { name: fullName.slice(dot + 1), fullName, aliases };
  if (node['type'] === 'enum') {
    return keep(known, { ...named, kind: 'enum', symbols: listOf(node['symbols']), hasDefault: 'default' in node });
  }
  if (node['type'] === 'fixed') return keep(known, { ...named, kind: 'fixed', size: Number(node['size']) });
  const fields: AvroField[] = [];
  // Known before its fields are read: they may name it.
  const type = keep(known, { ...named, kind: 'record', fields });
  for (const field of (node['fields'] ?? []) as readonly JsonObject[]) {
    fields.push({
      name: String(field['name']),
      aliases: listOf(field['aliases']),
      hasDefault: 'default' in field,
      type: read(field['type'] ?? null, namespace, known),
    });
  }
  return type;
}

function keep<Type extends AvroType & Named>(known: Map<string, AvroType>, type: Type): Type {
  known.set(type.fullName, type);
  return type;
}

const qualified = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

const listOf = (value: Json | undefined): readonly string[] => (isArray(value) ? value.map(String) : []);

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
