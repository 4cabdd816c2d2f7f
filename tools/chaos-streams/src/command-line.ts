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
