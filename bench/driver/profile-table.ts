import { readFileSync } from 'node:fs';

/** A part of a profile: a function, with its file and first line. */
export interface Part {
  readonly name: string;
  readonly amount: number;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface AllocationNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

const nameOf = ({ functionName, url, lineNumber }: CallFrame): string => {
  const file = url.split('/').slice(-2).join('/');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
};

const largestFirst = (amounts: ReadonlyMap<string, number>): Part[] =>
  Array.from(amounts, ([name, amount]) => ({ name, amount })).sort((a, b) => b.amount - a.amount);

/** Starting and stopping the profilers themselves. */
const isProfiler = ({ url }: CallFrame): boolean => url === 'node:inspector';

/** Microseconds of self time by function, the most first; that of the profilers is left out. */
export function selfTimes(file: string): Part[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const measured = nodes.filter(({ callFrame }) => !isProfiler(callFrame));
  const names = new Map(measured.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    if (name === undefined) continue;
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] as number));
  }
  return largestFirst(times);
}

/** Estimated bytes that each function allocated itself, the most first. */
export function allocations(file: string): Part[] {
  const { head } = JSON.parse(readFileSync(file, 'utf8')) as { readonly head: AllocationNode };
  const bytes = new Map<string, number>();
  const walk = ({ callFrame, selfSize, children }: AllocationNode): void => {
    const name = nameOf(callFrame);
    if (selfSize > 0 && !isProfiler(callFrame)) bytes.set(name, (bytes.get(name) ?? 0) + selfSize);
    for (const child of children) walk(child);
  };
  walk(head);
  return largestFirst(bytes);
}
