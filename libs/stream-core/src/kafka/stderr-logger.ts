import type { Logger } from './types.ts';

const quiet = (): void => {};

const write = (level: 'warn' | 'error') =>
  function log(fields: object, message: string): void {
    const entries = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? textOf(value) : value,
    ]);
    const line = { level, time: new Date().toISOString(), ...Object.fromEntries(entries), msg: message };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };

/** An application or a client without a logger of its own still says what is wrong: warnings and errors, as JSON lines on stderr. */
export const stderrLogger: Logger = { debug: quiet, info: quiet, warn: write('warn'), error: write('error') };

/** With the causes, without the stacks. */
function textOf({ message, cause }: Error): string {
  return cause instanceof Error && !message.includes(cause.message) ? `${message}: ${textOf(cause)}` : message;
}
