/** Windows of declarative cases. */
import { SessionWindows, SlidingWindows, TimeWindows, serdes } from '@playhead/stream-core';
import type { Serde, Windowed } from '@playhead/stream-core';

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
export function windowedSerde<K>(window: CaseWindow, key: Serde<K>): Serde<Windowed<K>> {
  if (window.type === 'session') return serdes.sessionWindowed(key);
  return serdes.timeWindowed(key, window.type === 'time' ? window.size : window.diff);
}
