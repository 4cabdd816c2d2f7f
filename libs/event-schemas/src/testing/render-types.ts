interface NamedSchema {
  readonly type: string;
  readonly name: string;
  readonly doc: string;
  readonly symbols?: readonly string[];
  readonly fields?: readonly FieldSchema[];
}

interface FieldSchema {
  readonly name: string;
  readonly type: SchemaNode;
  readonly doc: string;
  readonly default?: unknown;
}

type SchemaNode = string | readonly SchemaNode[] | NamedSchema | { readonly type: 'array'; readonly items: SchemaNode };

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
};

/**
 * The TypeScript declarations that say the same as an Avro schema: an interface for each record, a union of literals for
 * each enum, docs as comments. A test compares them with a file, so that types and schema never drift apart.
 */
export function renderTypes(schemaText: string): string {
  const declarations: string[] = [];
  declare(JSON.parse(schemaText) as NamedSchema, declarations);
  return declarations.join('\n');
}

/**
 * A source text in pieces of a field each, for comparing: without white space, trailing commas and the bar in front of
 * a union, so that its formatting does not matter.
 */
export function sourcePieces(source: string): readonly string[] {
  return source
    .replaceAll(/\s+/g, '')
    .replaceAll(/,(?=[}>)\]])/g, '')
    .replaceAll(/(?<=[=,<])\|/g, '')
    .split(/(?=\/\*\*)/);
}

function declare(schema: NamedSchema, declarations: string[]): void {
  if (schema.type === 'enum') {
    const symbols = (schema.symbols ?? []).map((symbol) => `'${symbol}'`);
    declarations.push(
      `/** ${schema.doc} */`,
      `export type ${schema.name} =`,
      ...symbols.map((symbol) => `  | ${symbol}`),
      ';',
    );
    return;
  }
  const lines = (schema.fields ?? []).flatMap((field) => [
    `  /** ${field.doc} */`,
    `  readonly ${field.name}: ${typeOf(field.type, declarations)};`,
  ]);
  declarations.push(`/** ${schema.doc} */`, `export interface ${schema.name} {`, ...lines, '}', '');
}

function typeOf(node: SchemaNode, declarations: string[]): string {
  if (typeof node === 'string') {
    return PRIMITIVES[node] ?? node;
  }
  if (isUnion(node)) {
    const branches = node.filter((branch) => branch !== 'null').map((branch) => typeOf(branch, declarations));
    return [...branches, ...(node.includes('null') ? ['null'] : [])].join(' | ');
  }
  if ('items' in node) {
    return `readonly ${typeOf(node.items, declarations)}[]`;
  }
  declare(node, declarations);
  return node.name;
}

function isUnion(node: SchemaNode): node is readonly SchemaNode[] {
  return Array.isArray(node);
}
