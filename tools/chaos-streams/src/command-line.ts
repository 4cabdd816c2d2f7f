import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';

/** An option is wrong; the message says what is allowed. */
export class UsageError extends Error {}

/** An option's value as a number. Throws {@link UsageError}. */
export function numberOption(name: string, given: string, min: number, max: number): number {
  const value = Number(given);
  if (given.trim() !== '' && value >= min && value <= max) return value;
  throw new UsageError(`${name} is "${given}"; allowed: numbers from ${min} to ${max}`);
}

/** What `read` makes of the process's arguments; a `UsageError` is printed and ends the process with 2. */
export function optionsOrExit<T>(read: (args: readonly string[]) => T): T {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

/** The options of a command, as `parseArgs` reads them: `--help` prints `help` and ends the process with 0, what is no option with 2. */
export function commandLine<const O extends ParseArgsOptionsConfig>(help: string, options: O) {
  return optionsOrExit((args) => {
    if (args.includes('--help')) {
      console.log(help);
      process.exit(0);
    }
    return parsed([...args], options);
  });
}

function parsed<const O extends ParseArgsOptionsConfig>(args: string[], options: O) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
