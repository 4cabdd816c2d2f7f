import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

const SOURCES = join(import.meta.dirname, '../../java');

/** The Java clients' jars by Maven and our programs compiled against them, made anew when either changes. Answers the class path. */
export async function installJava(cacheDir: string): Promise<string> {
  const pom = join(SOURCES, 'pom.xml');
  const sources = globSync('*.java', { cwd: SOURCES })
    .sort()
    .map((name) => join(SOURCES, name));
  const hash = createHash('sha256');
  for (const file of [pom, ...sources]) hash.update(await readFile(file));
  const directory = join(cacheDir, `java-${hash.digest('hex').slice(0, 16)}`);
  const classPath = [join(directory, 'classes'), join(directory, 'libs/*')].join(':');
  if (existsSync(join(directory, 'done'))) return classPath;
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'classes'), { recursive: true });
  await runCommand('mvn', ['-B', '-q', '-f', pom, `-Dlibs=${join(directory, 'libs')}`, 'dependency:copy-dependencies']);
  await runCommand('javac', ['-cp', join(directory, 'libs/*'), '-d', join(directory, 'classes'), ...sources]);
  await writeFile(join(directory, 'done'), '');
  return classPath;
}
