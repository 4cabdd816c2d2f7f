import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { NewServiceError, renamed } from './service-names.ts';
import type { ServiceNames } from './service-names.ts';

const TEMPLATE = join(import.meta.dirname, '../template');
/** The template's port, which is no service's. */
const TEMPLATE_PORT = '65535';
/** Admin ports are counted up from here. */
const FIRST_ADMIN_PORT = 8090;

/** Writes `apps/<name>` into a workspace and gives the files, relative to it. Throws `NewServiceError` when it is there already. */
export function writeService(names: ServiceNames, workspace: string): readonly string[] {
  const directory = join(workspace, 'apps', names.kebab);
  if (existsSync(directory)) throw new NewServiceError(`apps/${names.kebab} is there already`);
  const port = String(nextAdminPort(workspace));
  return templateFiles(TEMPLATE).map((file) => {
    const target = join(directory, relative(TEMPLATE, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, renamed(readFileSync(file, 'utf8'), names).replace(TEMPLATE_PORT, port));
    return relative(workspace, target);
  });
}

/** One more than the greatest admin port that an app has by default. */
function nextAdminPort(workspace: string): number {
  const ports = globSync('apps/*/src/config.ts', { cwd: workspace }).flatMap((file) => {
    const text = readFileSync(join(workspace, file), 'utf8');
    return [...text.matchAll(/_ADMIN_PORT: port\(.*, (\d+)\)/g)].map((match) => Number(match[1]));
  });
  return Math.max(FIRST_ADMIN_PORT - 1, ...ports) + 1;
}

function templateFiles(directory: string): readonly string[] {
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name))
    .flatMap((path) => (statSync(path).isDirectory() ? templateFiles(path) : [path]));
}
