import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the pages are. */
export const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('examples/', import.meta.url));

/** Fence of a page's example, of what it prints, of the signatures of its methods, and of the types of callbacks. */
export const EXAMPLE = 'ts';
export const OUTPUT = 'text';
export const SIGNATURES = 'ts signature';
export const CALLBACKS = 'ts callbacks';

/** The package's README: a page too, with an example of its own. */
export const PACKAGE_README = '../README.md';

/** A page of the documentation. */
export interface Page {
  /** Relative to the folder of the documentation. */
  readonly path: string;
  readonly text: string;
  /** The file that holds the page's example, whether it exists or not. */
  readonly examplePath: string;
}

/** All pages, the index and the package's README included, in the order of their paths. */
export function readPages(): Page[] {
  const files = readdirSync(DOCS, { recursive: true, encoding: 'utf8' });
  const paths = [PACKAGE_README, ...files.filter((path) => path.endsWith('.md')).sort()];
  return paths.map((path) => ({
    path,
    text: readFileSync(join(DOCS, path), 'utf8'),
    examplePath: join(EXAMPLES, `${exampleOf(path)}.ts`),
  }));
}

/** The name of a page's example. */
export const exampleOf = (path: string): string => (path === PACKAGE_README ? 'package-readme' : basename(path, '.md'));

/** Names of the files of examples, without their extension. */
export function exampleNames(): string[] {
  return readdirSync(EXAMPLES).map((file) => basename(file, '.ts'));
}

/** What stands in the page's first block with that fence; undefined: there is none. */
export function blockOf(text: string, fence: string): string | undefined {
  return blockPattern(fence).exec(text)?.[1];
}

/** The page with another content of that block. Throws where it has no such block. */
export function withBlock({ path, text }: Page, fence: string, content: string): string {
  if (blockOf(text, fence) === undefined) throw new Error(`${path} has no block \`\`\`${fence}`);
  return text.replace(blockPattern(fence), () => `\`\`\`${fence}\n${content}\`\`\``);
}

/** Targets of the page's links to other pages and to headings, as they are written. */
export function linksOf({ text }: Page): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return Array.from(prose.matchAll(/\]\(([^)]+)\)/g), ([, target]) => target as string);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function blockPattern(fence: string): RegExp {
  return new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'm');
}
