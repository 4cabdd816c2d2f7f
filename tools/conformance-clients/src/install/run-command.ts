import { execFile } from 'node:child_process';

const COMMAND_LIMIT_MS = 300_000;

/** Runs a program to its end; answers what it printed. Rejects with the end of what it said when it fails or takes longer than five minutes. */
export function runCommand(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: COMMAND_LIMIT_MS, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`);
      else
        reject(
          new Error(`${command} ${args[0] ?? ''}: ${(stderr || error.message).trim().slice(-600)}`, { cause: error }),
        );
    });
  });
}
