import { progressLine } from './tallies.ts';
import type { Tallies } from './tallies.ts';

/** Where progress is shown: a terminal gets one line that changes each second, anything else a line every 10 s. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const TERMINAL_MS = 1_000;
const LOG_MS = 10_000;
const ERASE_LINE = '\r\u001B[K';

/** Shows progress until the returned function is called, which writes the last line. */
export function showProgress(tallies: Tallies, output: ProgressOutput): () => void {
  const intervalMs = output.isTTY === true ? TERMINAL_MS : LOG_MS;
  let beats = tallies.beats;
  const show = (end: string): void => {
    const line = progressLine(tallies, ((tallies.beats - beats) * 1000) / intervalMs);
    beats = tallies.beats;
    output.write(output.isTTY === true ? `${ERASE_LINE}${line}${end}` : `${line}\n`);
  };
  const timer = setInterval(() => show(''), intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    show('\n');
  };
}
