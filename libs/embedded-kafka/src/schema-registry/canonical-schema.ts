// avsc is CommonJS whose names Node does not see: default import.
import avro from 'avsc';
import { avroTypeOf, type AvroType, type Json } from './avro-type.ts';
import { refuse } from './registry-error.ts';

/** A schema that was parsed: its canonical text, which is its identity, and its types. */
export interface ParsedSchema {
  readonly text: string;
  readonly type: AvroType;
}

type JsonObject = { readonly [name: string]: Json };

const NAMED: ReadonlySet<Json> = new Set(['record', 'error', 'enum', 'fixed']);
/** Attributes in the order in which Avro's Java writes them; all others follow by name. */
const ORDER = 'type name namespace doc fields symbols items values size default order aliases'.split(' ');
/** The same for a field, whose name comes first. */
const FIELD_ORDER = 'name type doc default order aliases'.split(' ');

/**
 * Parses an Avro schema. Two texts that differ in white space, in the order of attributes, in `{"type":"int"}` for
 * `"int"` or in how a name is qualified have the same canonical text; docs, defaults and aliases count.
 * Throws `RegistryError` 42201 for what is no Avro schema.
 */
export function parseSchema(source: string): ParsedSchema {
  try {
    const json = canonical(JSON.parse(source) as Json, '');
    // avsc says whether it is one. Unions are wrapped, so that no union is ambiguous to it.
    avro.Type.forSchema(json as avro.Schema, { wrapUnions: 'always', omitRecordMethods: true });
    return { text: JSON.stringify(json), type: avroTypeOf(json) };
  } catch (error) {
    throw refuse.invalidSchema(error instanceof Error ? error.message : String(error));
  }
}

function canonical(node: Json, enclosing: string): Json {
  if (typeof node === 'string') {
    return shortName(node, enclosing);
  }
  if (isArray(node)) {
    return node.map((branch) => canonical(branch, enclosing));
  }
  if (!isObject(node)) {
    return node;
  }
  const type = node['type'] ?? null;
  if (typeof type !== 'string') {
    // {"type": {"type": …}} says nothing of its own.
    return canonical(type, enclosing);
  }
  return NAMED.has(type) ? canonicalNamed(node, enclosing) : canonicalUnnamed(node, type, enclosing);
}

function canonicalNamed(node: JsonObject, enclosing: string): Json {
  const given = String(node['name']);
  const dot = given.lastIndexOf('.');
  const namespace = dot >= 0 ? given.slice(0, dot) : String(node['namespace'] ?? enclosing);
  const { namespace: _given, fields, ...attributes } = node;
  return ordered({
    ...attributes,
    name: given.slice(dot + 1),
    ...(namespace === enclosing ? {} : { namespace }),
    ...(fields === undefined || !isArray(fields)
      ? {}
      : { fields: fields.map((field) => canonicalField(field, namespace)) }),
  });
}

function canonicalField(field: Json, namespace: string): Json {
  if (!isObject(field)) {
    return field;
  }
  const { order, ...attributes } = field;
  return ordered(
    {
      ...attributes,
      type: canonical(field['type'] ?? null, namespace),
      ...(order === undefined || order === 'ascending' ? {} : { order }),
    },
    FIELD_ORDER,
  );
}

function canonicalUnnamed(node: JsonObject, type: string, enclosing: string): Json {
  if (Object.keys(node).length === 1) {
    return shortName(type, enclosing);
  }
  const inner = Object.fromEntries(
    ['items', 'values'].flatMap((name) => (node[name] === undefined ? [] : [[name, canonical(node[name], enclosing)]])),
  );
  return ordered({ ...node, ...inner });
}

/** A name of the enclosing namespace without it. */
function shortName(name: string, enclosing: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 && name.slice(0, dot) === enclosing ? name.slice(dot + 1) : name;
}

/** The same object with its attributes in the canonical order. */
function ordered(node: JsonObject, order: readonly string[] = ORDER): JsonObject {
  const rank = (name: string): string => `${String(order.indexOf(name) + 1 || 99).padStart(2, '0')}${name}`;
  const names = Object.keys(node).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, node[name] ?? null]));
}

function isArray(node: Json): node is readonly Json[] {
  return Array.isArray(node);
}

function isObject(node: Json): node is JsonObject {
  return node !== null && typeof node === 'object' && !isArray(node);
}
