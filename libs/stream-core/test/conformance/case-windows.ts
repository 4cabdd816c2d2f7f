/** Windows of declarative cases. */
import { SessionWindows, SlidingWindows, TimeWindows, serdes } from '@playhead/stream-core';
import type { Aggregator, KGroupedStream, KTable, Serde } from '@playhead/stream-core';
import * as f from './case-functions.ts';

/** The field `window` of an op; durations in milliseconds, no grace is 0. */
export type CaseWindow =
  | { readonly type: 'time'; readonly size: number; readonly advance?: number; readonly grace?: number }
  | { readonly type: 'sliding'; readonly diff: number; readonly grace?: number }
  | { readonly type: 'session'; readonly gap: number; readonly grace?: number };

export function windowsOf(window: CaseWindow): TimeWindows | SlidingWindows | SessionWindows {
  const { grace: graceMs = 0 } = window;
  switch (window.type) {
    case 'time':
      return TimeWindows.of({ sizeMs: window.size, advanceMs: window.advance, graceMs });
    case 'sliding':
      return SlidingWindows.of({ timeDifferenceMs: window.diff, graceMs });
    case 'session':
      return SessionWindows.of({ inactivityGapMs: window.gap, graceMs });
  }
}

/** How keys of the window's table are written to topics. */
export function windowedSerde<K>(window: CaseWindow | undefined, key: Serde<K>): Serde<unknown> {
  if (window === undefined) return key;
  if (window.type === 'session') return serdes.sessionWindowed(key);
  return serdes.timeWindowed(key, window.type === 'time' ? window.size : window.diff);
}

type Fields = Readonly<Record<string, unknown>>;
type Grouped<K> = KGroupedStream<K, unknown>;

/** The table of a `cogroup` op. */
export function cogroupOf<K extends object | string | number>(
  op: Fields,
  options: { readonly value: Serde<K> },
  groupedOf: (input: never) => Grouped<K>,
): KTable<unknown, unknown> {
  const [first, ...rest] = (op['inputs'] as Fields[]).map((input) => ({
    on: groupedOf(input as never),
    aggregator: f.resolve(f.aggregators, input['fn'] as string) as Aggregator<K, unknown, unknown>,
  })) as [{ on: Grouped<K>; aggregator: Aggregator<K, unknown, unknown> }];
  const cogrouped = first.on.cogroup<unknown>(first.aggregator);
  for (const { on, aggregator } of rest) cogrouped.cogroup(on, aggregator);
  const initializer = f.resolve(f.initializers, (op['init'] ?? 'empty') as string);
  const window = op['window'] as CaseWindow | undefined;
  if (window === undefined) return cogrouped.aggregate(initializer, options) as unknown as KTable<unknown, unknown>;
  const windows = windowsOf(window);
  const merger = f.resolve(f.mergers, (op['merger'] ?? 'bar') as string);
  const table =
    windows instanceof SessionWindows
      ? cogrouped.windowedBy(windows).aggregate(initializer, merger, options)
      : cogrouped.windowedBy(windows).aggregate(initializer, options);
  return table as unknown as KTable<unknown, unknown>;
}

/** What a `suppress` op says of its buffer. */
export function suppressOptions(op: Fields): object {
  const { maxRecords, maxBytes, logging, ms: limitMs } = op;
  const buffer = { maxRecords, maxBytes, logging };
  if (op['until'] === 'windowCloses') return { ...buffer, until: 'WINDOW_CLOSES' };
  return { ...buffer, until: 'TIME_LIMIT', limitMs, whenFull: op['full'] === 'shutdown' ? 'SHUT_DOWN' : 'EMIT' };
}
