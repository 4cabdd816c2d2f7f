import { describe, expect, it } from '@jest/globals';
import { exists, readJson, workspaces } from '../src/repository.ts';
import type { PackageManifest } from '../src/repository.ts';

/** Licences that ask for no more than their notice to be kept. */
const ALLOWED_LICENCES = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'CC0-1.0',
  'Unlicense',
]);

/** Packages whose package.json names no licence, with the one in their LICENSE file. */
const LICENCE_FILES: Readonly<Record<string, string>> = { '@kafkajs/confluent-schema-registry': 'MIT' };

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

const lock = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
const production = Object.entries(lock.packages).filter(
  ([path, { dev, link }]) => path.includes('node_modules/') && dev !== true && link !== true,
);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('production dependencies', () => {
  it('have licences that allow what we do', () => {
    const refused = production
      .map(([path, { license }]) => ({ name: nameOf(path), licence: license ?? LICENCE_FILES[nameOf(path)] ?? 'none' }))
      .filter(({ licence }) => !ALLOWED_LICENCES.has(licence));
    expect(production.length).toBeGreaterThan(50);
    expect(refused).toEqual([]);
  });

  it('are all of the version that the lock file says', () => {
    const other = production
      .filter(([path]) => exists(`${path}/package.json`))
      .filter(([path, { version }]) => (readJson(`${path}/package.json`) as { version: string }).version !== version);
    expect(other.map(([path]) => path)).toEqual([]);
  });
});

describe('package.json files', () => {
  const manifests = [{ directory: '.', manifest: readJson('package.json') as PackageManifest }, ...workspaces()];
  const ranges = manifests.flatMap(({ directory, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).map(([name, range]) => ({
      directory,
      name,
      range,
    })),
  );

  it('pin exact versions', () => {
    expect(ranges.filter(({ range }) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))).toEqual([]);
  });

  it('name the same version of a package everywhere', () => {
    const versions = new Map<string, Set<string>>();
    for (const { name, range } of ranges) versions.set(name, (versions.get(name) ?? new Set()).add(range));
    expect([...versions].filter(([, { size }]) => size > 1)).toEqual([]);
  });

  it('have kafkajs 2.2.4, whose internals the client composes', () => {
    const kafkajs = ranges.filter(({ name }) => name === 'kafkajs');
    expect(kafkajs.map(({ range }) => range)).toEqual(kafkajs.map(() => '2.2.4'));
    expect(lock.packages['node_modules/kafkajs']?.version).toBe('2.2.4');
  });
});
