import type { Answer } from './gateway-api.ts';

/** What the simulation has done so far. */
export class Tallies {
  watching = 0;
  beats = 0;
  events = 0;
  admitted = 0;
  denied = 0;
  stopped = 0;
  /** Answers that asked to come again later, and requests that nobody answered. */
  busy = 0;
  refused = 0;
  /** The last refusal, for whoever has to find out why. */
  lastRefusal = '';
}

/** Counts an answer by what it means for the player. */
export function countAnswer(tallies: Tallies, answer: Answer<unknown>): void {
  if (answer.outcome === 'denied') tallies.denied++;
  if (answer.outcome === 'busy') tallies.busy++;
  if (answer.outcome !== 'refused') return;
  tallies.refused++;
  tallies.lastRefusal = `${answer.status} ${answer.detail}`;
}

/** One line about the simulation; `beatsPerSecond` over the time since the line before. */
export function progressLine(tallies: Tallies, beatsPerSecond: number): string {
  const { watching, admitted, denied, stopped, busy, refused, lastRefusal } = tallies;
  const trouble = refused === 0 ? '' : `, ${refused} refused (${lastRefusal})`;
  return `${watching} watching, ${beatsPerSecond.toFixed(1)} beats/s, ${admitted} starts, ${denied} denied, ${stopped} stopped, ${busy} put off${trouble}`;
}
