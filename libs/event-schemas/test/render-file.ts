import { renderTypes } from '../src/testing.ts';

/** What the file under `src/events/` has to contain for a schema. */
export function renderFile(schemaText: string, constant: string, file: string): string {
  const root = JSON.parse(schemaText) as { name: string; fields: readonly { name: string; default?: unknown }[] };
  const required = root.fields.filter((field) => field.default === undefined).map((field) => `'${field.name}'`);
  return [
    `import { readSchema } from '../schema/read-schema.ts';`,
    `import { recordFactory } from '../schema/record-factory.ts';`,
    `import type { Fillable } from '../schema/record-factory.ts';`,
    '',
    renderTypes(schemaText),
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
