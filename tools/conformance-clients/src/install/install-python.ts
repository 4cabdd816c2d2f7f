import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

const REQUIREMENTS = join(import.meta.dirname, '../../python/requirements.txt');

/** A virtual environment with the Python clients, made anew when the pinned versions change. Answers the path of its interpreter. */
export async function installPython(cacheDir: string): Promise<string> {
  const venv = join(cacheDir, 'python');
  const installed = join(venv, 'requirements.txt');
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  const python = join(venv, 'bin/python');
  if (existsSync(installed) && (await readFile(installed, 'utf8')) === wanted) return python;
  await rm(venv, { recursive: true, force: true });
  await mkdir(cacheDir, { recursive: true });
  await runCommand('python3', ['-m', 'venv', venv]);
  await runCommand(python, ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '-r', REQUIREMENTS]);
  await copyFile(REQUIREMENTS, installed);
  return python;
}
