import { readFileSync, readdirSync } from 'node:fs';

const MAX_LINE = 120;
const SOURCES = ['../../src/dsl/', '../../src/topology/'].map((folder) => new URL(folder, import.meta.url));

/** The signatures of the public methods of all exported classes of the DSL, as their sources have them, by `Class.method`: overloads one below the other. */
export function readSignatures(): ReadonlyMap<string, string> {
  const signatures = new Map<string, string>();
  for (const folder of SOURCES) {
    for (const file of readdirSync(folder, { encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      addSignatures(readFileSync(new URL(file, folder), 'utf8'), signatures);
    }
  }
  return signatures;
}

function addSignatures(source: string, signatures: Map<string, string>): void {
  const aliases = aliasesOf(source);
  for (const [, name = '', parameters = '', body = ''] of source.matchAll(
    /^export class (\w+)(<[^>]+>)?[^\n]* \{\n([\s\S]*?)^\}/gm,
  )) {
    const overloaded = new Set<string>();
    // A method begins at the class's indentation and ends with its body or, as an overload, with a semicolon.
    for (const [, isStatic, method = '', rest = '', end] of body.matchAll(
      /^ {2}(static )?([a-z]\w*)((?:<.*?>)?\([\s\S]*?)( \{|;)$/gm,
    )) {
      if (method === 'constructor') continue;
      if (end === ';') overloaded.add(method);
      else if (overloaded.has(method)) continue;
      const owner = isStatic === undefined ? `${name}${parameters}` : name;
      const signature = wrapped(`${owner}.${method}${readable(rest, aliases)}\n`);
      const earlier = signatures.get(`${name}.${method}`) ?? '';
      signatures.set(`${name}.${method}`, earlier + signature);
    }
  }
}

/** A signature as its caller sees it: options that have a default may be left out, and short names for types are what they stand for. */
function readable(signature: string, aliases: readonly Alias[]): string {
  let text = signature
    .replaceAll(/^ {2}/gm, '')
    .replaceAll(/\bo\./g, '')
    .replaceAll(/\{[^{}]*\}: /g, 'options: ')
    .replaceAll(/(\w+): ((?:<[^<>]*>|[^,\n(])*) = (?:\{\}|\[\])/g, '$1?: $2');
  for (const alias of aliases) text = alias(text);
  return text;
}

/** A long line as one line for each parameter. */
function wrapped(signature: string): string {
  const open = signature.indexOf('(');
  const close = signature.lastIndexOf('): ');
  if (signature.length <= MAX_LINE || signature.charAt(open + 1) === '\n') return signature;
  const parameters = signature.slice(open + 1, close).split(/, (?=\w+\??: )/);
  return `${signature.slice(0, open + 1)}\n${parameters.map((parameter) => `  ${parameter},\n`).join('')}${signature.slice(close)}`;
}

type Alias = (text: string) => string;

/** `type Options<K, V> = A & B<K, V>;` of one file, as a replacement. Later aliases may use earlier ones, so they are replaced last to first. */
function aliasesOf(source: string): Alias[] {
  const found = Array.from(
    source.matchAll(/^type (\w+)<([^>]+)> = ([^;]+);$/gm),
    ([, name, parameters = '', body = '']) => {
      const names = parameters.split(', ');
      return (text: string): string =>
        text.replaceAll(new RegExp(`\\b${name}<([^<>]+)>`, 'g'), (_match, given: string) => {
          const values = given.split(', ');
          return body
            .replaceAll(/\s+/g, ' ')
            .replaceAll(/\bo\./g, '')
            .replaceAll(/\b[A-Z]\b/g, (letter) => values[names.indexOf(letter)] ?? letter);
        });
    },
  );
  return found.reverse();
}

/** The types of callbacks, as the sources have them, one a line. */
export function readCallbacks(): string {
  const source = readFileSync(new URL('../../src/dsl/options.ts', import.meta.url), 'utf8');
  return Array.from(source.matchAll(/^export (type \w+<[^=]+ = \(.*\) => .*);$/gm), ([, type]) => `${type}\n`).join('');
}

/** The methods that a block of signatures names, each once: `Class.method`. */
export function methodsIn(block: string): string[] {
  const named = Array.from(block.matchAll(/^(\w+)(?:<[^>]+>)?\.(\w+)/gm), ([, owner, method]) => `${owner}.${method}`);
  return [...new Set(named)];
}

/** The block as it has to be: the signatures of the methods that it names. Throws for a method that there is not. */
export function signaturesFor(block: string, signatures: ReadonlyMap<string, string>): string {
  const texts = methodsIn(block).map((method) => {
    const signature = signatures.get(method);
    if (signature === undefined) throw new Error(`there is no method ${method}`);
    return signature;
  });
  return texts.join('');
}
