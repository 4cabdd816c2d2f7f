import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '0.12.0';

/** Where @kafkats/flow lies once it was fetched; it is no dependency of the project. */
export const flowFolder = join(import.meta.dirname, '../../node_modules/.cache', `kafkats-flow-${VERSION}`);

/** Fetches @kafkats/flow with npm, once. Throws where it cannot be had. */
export function prepareFlow(): string {
  if (!existsSync(join(flowFolder, 'node_modules/@kafkats/flow/package.json'))) {
    mkdirSync(flowFolder, { recursive: true });
    writeFileSync(join(flowFolder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const packages = [`@kafkats/flow@${VERSION}`, `@kafkats/client@${VERSION}`];
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
      cwd: flowFolder,
      stdio: 'pipe',
    });
  }
  return VERSION;
}
