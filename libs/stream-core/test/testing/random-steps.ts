/** Random steps of a topology, as data that can be printed. */
import type { SeededRandom } from '../../src/testing/seeded-random.ts';

/**
 * What the values are, and so what may be asked of a crash:
 * - digest: each aggregate is a hash of all it has taken, in order. Anything lost, repeated or out of order shows.
 * - union: values are sets that only grow, joined by union. Repeats and order do not show, losses do.
 * - count: one aggregation, which counts. Repeats show as more, losses as less.
 */
export type ValueKind = 'digest' | 'union' | 'count';

export interface Step {
  readonly kind: string;
  readonly window?: string;
  readonly rekeys?: boolean;
  /** Closed windows stay readable for long. */
  readonly retains?: boolean;
  readonly emits?: 'ON_WINDOW_UPDATE' | 'ON_WINDOW_CLOSE' | 'suppressed' | undefined;
  readonly caching?: boolean | undefined;
  readonly type?: 'inner' | 'left' | 'outer';
  /** The join waits until it knows the table at the record's time. */
  readonly waits?: boolean;
}

/** What concerns the topology as a whole. */
export interface Shape {
  /** Default true. */
  readonly logging?: boolean;
  /** Default false. */
  readonly optimized?: boolean;
  /** The table remembers its past. Default false. */
  readonly versioned?: boolean;
}

const INDEPENDENT_WINDOWS = ['none', 'tumbling', 'hopping'];
const WINDOWS = ['tumbling', 'session', 'hopping', 'sliding', 'none'];
const STRATEGIES = ['ON_WINDOW_CLOSE', 'ON_WINDOW_UPDATE', 'suppressed'] as const;
/** What comes behind the first aggregation in turn; anything may follow. */
const STATEFUL = {
  digest: [
    'streamJoin',
    'foreignKeyJoin',
    'tableGroup',
    'suppressedTable',
    'tableJoin',
    'process',
    'aggregate',
    'streamTableJoin',
    'cogroup',
  ],
  union: ['tableJoin', 'streamJoin', 'aggregate', 'streamTableJoin'],
} as const;
/** Of those, the ones that go by the time of what comes to them. */
const TIMELY: ReadonlySet<string> = new Set(['streamJoin', 'suppressedTable']);
const TYPES = ['inner', 'left', 'outer'] as const;

/**
 * Steps that the properties can be asked of. What is left out, and why, is in docs/decisions/0004: operators of time behind what is kept back; and with at_least_once what is sent only once, sliding
 * windows and sessions, and windows behind another aggregation.
 */
export function randomSteps(
  turn: number,
  values: ValueKind,
  { versioned = false }: Shape,
  random: SeededRandom,
): Step[] {
  const stateless = ['filter', 'mapValues', 'flatMapValues', 'branch'];
  const front: Step[] = Array.from({ length: random.below(3) }, () => ({ kind: random.pick(stateless) }));
  if (values === 'count') return [...front, firstAggregation(turn, values, true, random)];
  const kinds = STATEFUL[values];
  const second = kinds[turn % kinds.length] as string;
  const steps = [...front, firstAggregation(turn, values, !TIMELY.has(second), random)];
  let inTime = !keepsBack(steps.at(-1) as Step);
  const more = Array.from({ length: random.below(3) }, () => random.pick([...stateless, 'rekey', ...kinds]));
  for (const kind of [second, ...more]) {
    if (TIMELY.has(kind) && !inTime) continue;
    const waits = kind === 'streamTableJoin' && versioned && inTime && values === 'digest' && random.below(2) === 0;
    const step: Step =
      kind === 'aggregate'
        ? aggregation(random, inTime && values === 'digest')
        : { ...joinOr(kind, values, random), waits };
    steps.push(step);
    inTime &&= !keepsBack(step);
  }
  return steps;
}

const keepsBack = ({ kind, emits = 'ON_WINDOW_UPDATE', type, waits }: Step): boolean =>
  emits !== 'ON_WINDOW_UPDATE' ||
  waits === true ||
  kind === 'suppressedTable' ||
  (kind === 'streamJoin' && type !== 'inner');

function joinOr(kind: string, values: ValueKind, random: SeededRandom): Step {
  const isOnlyInner = kind === 'streamJoin' && values === 'union';
  return { kind, type: isOnlyInner ? 'inner' : random.pick(TYPES), caching: random.below(2) === 0 };
}

/** Every kind of window and of sending has its turn. */
function firstAggregation(turn: number, values: ValueKind, mayKeepBack: boolean, random: SeededRandom): Step {
  const windows = values === 'digest' ? WINDOWS : INDEPENDENT_WINDOWS;
  const window = windows[turn % windows.length] as string;
  const mayChoose = window !== 'none' && values === 'digest' && mayKeepBack;
  const emits = mayChoose ? STRATEGIES[turn % STRATEGIES.length] : 'ON_WINDOW_UPDATE';
  return { ...aggregation(random), window, emits, rekeys: true };
}

function aggregation(random: SeededRandom, inTime = false): Step {
  const window = inTime ? random.pick(WINDOWS) : 'none';
  const emits = window === 'none' ? 'ON_WINDOW_UPDATE' : random.pick(STRATEGIES);
  const [rekeys, retains, caching] = [0, 1, 2].map(() => random.below(2) === 0) as [boolean, boolean, boolean];
  return { kind: 'aggregate', window, emits, rekeys, retains, caching };
}

/** Whether the topic `out` has the changes of a table, so that the last value of a key is its row. */
export const endsInTable = (steps: readonly Step[]): boolean => {
  const last = steps.at(-1);
  return last?.kind === 'tableJoin' || last?.kind === 'aggregate';
};
