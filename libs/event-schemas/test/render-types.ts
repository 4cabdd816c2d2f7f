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

/** The TypeScript declarations that say the same as an Avro schema: what the files under `src/events/` have to contain. */
export function renderTypes(schemaText: string, constant: string, file: string): string {
  const root = JSON.parse(schemaText) as NamedSchema;
  const declarations: string[] = [];
  declare(root, declarations);
  const required = (root.fields ?? []).filter((field) => field.default === undefined).map((field) => `'${field.name}'`);
  return [
    `import { readSchema } from '../schema/read-schema.ts';`,
    `import { recordFactory } from '../schema/record-factory.ts';`,
    `import type { Fillable } from '../schema/record-factory.ts';`,
    '',
    ...declarations,
    `/** The fields of a ${root.name} that a writer has to give; the others have a default. */`,
    `export type New${root.name} = Fillable<`,
    `  ${root.name},`,
    ...required.map((name, index) => `  ${index === 0 ? '' : '| '}${name}`),
    `>;`,
    '',
    `/** The Avro schema of ${root.name}, as it is registered. */`,
    `export const ${constant}: string = readSchema('${file}');`,
    '',
    `/** Completes a ${root.name} with the defaults of its schema. */`,
    `export const new${root.name}: (fields: New${root.name}) => ${root.name} = recordFactory(${constant});`,
    '',
  ].join('\n');
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
