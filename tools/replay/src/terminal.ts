/** Where a terminal program writes. */
export interface TerminalOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const ERASE_LINE = '\r\u001B[K';
/** Elsewhere than on a terminal, progress is written this seldom. */
const LOG_MS = 10_000;

/** On a terminal progress is one line that changes; elsewhere a line now and then. What is lasting stays. */
export function terminal(output: TerminalOutput): {
  readonly show: (line: string, kind: 'progress' | 'lasting') => void;
  /** Leaves the line of progress, written in full. */
  readonly end: () => void;
} {
  let pending = '';
  let writtenAtMs = performance.now();
  const show = (line: string, kind: 'progress' | 'lasting'): void => {
    if (output.isTTY === true) {
      output.write(kind === 'progress' ? `${ERASE_LINE}${line}` : `${ERASE_LINE}${line}\n`);
      pending = kind === 'progress' ? line : '';
    } else if (kind === 'lasting' || performance.now() - writtenAtMs >= LOG_MS) {
      output.write(`${line}\n`);
      writtenAtMs = performance.now();
      pending = '';
    } else {
      pending = line;
    }
  };
  const end = (): void => {
    if (pending !== '') output.write(output.isTTY === true ? '\n' : `${pending}\n`);
    pending = '';
  };
  return { show, end };
}
