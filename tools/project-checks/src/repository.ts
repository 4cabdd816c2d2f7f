import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The repository's root directory. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** The parts of a package.json that are checked. */
export interface PackageManifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** A package of the workspace. */
export interface Workspace {
  /** Relative to the root: `libs/stream-core`. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

/** A source file, its path relative to the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const IGNORED = /(^|\/)(node_modules|coverage|fixtures|\.[a-z]+)(\/|$)/;

/** Reads a file of the repository. */
export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Reads a JSON file of the repository. */
export const readJson = (path: string): unknown => JSON.parse(readText(path));

/** Whether the repository has a file or directory. */
export const exists = (path: string): boolean => existsSync(join(ROOT, path));

/** The packages of the workspace, sorted by directory. */
export function workspaces(): readonly Workspace[] {
  return globSync('{libs,apps,tools}/*/package.json', { cwd: ROOT })
    .sort()
    .map((path) => ({ directory: dirname(path), manifest: readJson(path) as PackageManifest }));
}

/** Files that match a glob, without fixtures, dependencies and hidden directories. */
export function filesLike(glob: string): readonly SourceFile[] {
  return globSync(glob, { cwd: ROOT, exclude: (path) => IGNORED.test(relative(ROOT, resolve(ROOT, path))) })
    .filter((path) => !IGNORED.test(path))
    .sort()
    .map((path) => ({ path, text: readText(path) }));
}

/** Everything that a file imports or re-exports by name: `node:fs`, `./x.ts`, `@playhead/service-kit/testing`. */
export function importsOf({ text }: SourceFile): readonly string[] {
  const statement =
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...text.matchAll(statement)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The package of an import: `@playhead/service-kit/testing` → `@playhead/service-kit`. Undefined for files and Node's own. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
