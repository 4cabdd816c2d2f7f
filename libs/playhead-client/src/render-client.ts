/** A JSON Schema, as far as the gateway's document uses it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** An OpenAPI document, as far as a client is made of it. */
export interface ClientDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The source of `PlayheadApi`: an interface for each schema, a method for each operation that answers in whole. */
export function renderClient({ paths, components }: ClientDocument): string {
  const types = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema.description ?? `${name}.`)}export type ${name} = ${typeOf(schema)};`,
  );
  const methods = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      isStream(operation) ? [] : [renderMethod(method.toUpperCase(), path, operation)],
    ),
  );
  return `// Generated from the gateway's OpenAPI document by \`npm run generate:client\`. Not written by hand.
import type { ApiAnswer, ApiRequest, Transport } from '../transport.ts';

${types.join('\n\n')}

/** What every call may add. */
export type CallOptions = Pick<ApiRequest, 'headers' | 'keepalive'>;

/** The operations of the gateway. Each resolves to the answer, whatever its status; rejects when there is none. */
export class PlayheadApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

${methods.join('\n\n')}
}

function optionsOf({ headers, keepalive }: CallOptions): CallOptions {
  return { ...(headers === undefined ? {} : { headers }), ...(keepalive === undefined ? {} : { keepalive }) };
}

function addressOf(path: string, query: Readonly<Record<string, unknown>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
  return text === '' ? path : \`\${path}?\${text}\`;
}
`;
}

const isStream = ({ responses }: Operation): boolean => responses['200']?.content?.['text/event-stream'] !== undefined;

function renderMethod(method: string, path: string, operation: Operation): string {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  const asked = parameters.filter((parameter) => parameter.in === 'query');
  const body = requestBody?.content === undefined ? undefined : bodyType(requestBody.content);
  const fields = [
    ...named.map((name) => `readonly ${name}: string`),
    ...(asked.length === 0
      ? []
      : [`readonly query?: { ${asked.map(({ name, schema }) => `readonly ${name}?: ${typeOf(schema)}`).join('; ')} }`]),
    ...(body === undefined ? [] : [`readonly body: ${body}`]),
  ];
  const options = fields.length === 0 ? 'CallOptions' : `CallOptions & { ${fields.join('; ')} }`;
  const optional = named.length === 0 && body === undefined ? ' = {}' : '';
  const address = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => `\${encodeURIComponent(options.${name})}`);
  const where = asked.length === 0 ? `\`${address}\`` : `addressOf(\`${address}\`, options.query)`;
  const answers = Object.entries(responses).map(
    ([status, { content }]) => `ApiAnswer<${status}, ${answerType(content)}>`,
  );
  const media = mediaTypeOf(requestBody?.content);
  const sent =
    body === undefined ? '' : `body: options.body, ${media === undefined ? '' : `contentType: '${media}', `}`;
  return `  /** ${summary}: \`${method} ${path}\`. */
  ${operationId}(options: ${options}${optional}): Promise<${answers.join(' | ')}> {
    return this.#transport.send({ ...optionsOf(options), ${sent}method: '${method}', path: ${where} }) as never;
  }`;
}

function bodyType(content: NonNullable<Content['content']>): string {
  const json = content['application/json'];
  return json === undefined ? 'string' : typeOf(json.schema);
}

/** Of a body that is not JSON. */
function mediaTypeOf(content: Content['content'] = {}): string | undefined {
  return content['application/json'] === undefined ? Object.keys(content)[0] : undefined;
}

function answerType(content: Content['content']): string {
  const [first] = Object.values(content ?? {});
  return first === undefined ? 'undefined' : typeOf(first.schema);
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives !== undefined) return alternatives.map((one) => typeOf(one)).join(' | ');
  if (schema.enum !== undefined) return schema.enum.map((word) => `'${word}'`).join(' | ');
  const types = Array.isArray(schema.type) ? (schema.type as readonly string[]) : [schema.type as string];
  return types.map((type) => primitive(type, schema)).join(' | ');
}

function primitive(type: string | undefined, schema: Schema): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType({ properties, required = [], additionalProperties }: Schema): string {
  if (properties === undefined) {
    const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
    return `Readonly<Record<string, ${value}>>`;
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description)}readonly ${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{ ${fields.join('\n')} }`;
}

const comment = (text: string | undefined): string =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`;
