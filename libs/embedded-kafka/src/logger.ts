/** Where the broker says what changes state; one call a line, never a record's value. */
export interface BrokerLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing. */
export const silentLogger: BrokerLogger = { info: () => {}, warn: () => {}, error: () => {} };

/** Writes JSON lines to a stream, with `time` (ISO, UTC), `level` and `message` first. */
export function jsonLogger(stream: { write(line: string): unknown }): BrokerLogger {
  const line = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    stream.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
