import { PAIR } from '../workload.ts';
import type { Findings } from './findings.ts';
import type { OracleInput, TextRecord } from './input.ts';

/** Every beat with every stop of its viewer at most `withinMs` before or after it, each pair once, in any order. */
export function checkPairs(
  input: OracleInput,
  output: readonly TextRecord[],
  exact: boolean,
  findings: Findings,
): void {
  const stops = Map.groupBy(input.stops, ({ viewer }) => viewer);
  const expected = new Set<string>();
  for (const beat of input.beats) {
    for (const stop of stops.get(beat.viewer) ?? [])
      if (Math.abs(stop.timestamp - beat.timestamp) <= PAIR.withinMs) expected.add(`${beat.id}|${stop.id}`);
  }
  const found = new Set<string>();
  for (const { value } of output) {
    const pair = String(value);
    if (!expected.has(pair)) findings.add('wrong', `pair ${pair}, which do not belong together`);
    else if (exact && found.has(pair)) findings.add('duplicated', `pair ${pair}`);
    found.add(pair);
  }
  for (const pair of expected) if (!found.has(pair)) findings.add('lost', `pair ${pair}`);
}

/**
 * Every beat once with a version of its viewer's profile. Which one depends on which of both was read first; but versions
 * never go back, none is invented, and whoever came after all of them has the last one.
 */
export function checkProfiled(
  input: OracleInput,
  output: readonly TextRecord[],
  exact: boolean,
  findings: Findings,
): void {
  const viewers = new Map(input.beats.map(({ id, viewer }) => [id, viewer]));
  const found = new Set<string>();
  const latest = new Map<string, number>();
  for (const { key, value } of output) {
    const viewer = key.toString();
    const [id = '', text = ''] = String(value).split('|');
    const version = Number(text);
    const last = input.versions.get(viewer) ?? 0;
    if (viewers.get(id) !== viewer) findings.add('wrong', `beat ${id} of ${viewer}, which there is not`);
    else if (exact && found.has(id)) findings.add('duplicated', `beat ${id} with its profile`);
    if (!(version >= 1 && version <= last)) findings.add('wrong', `beat ${id}: version ${text} of ${last}`);
    else if (exact && version < (latest.get(viewer) ?? 0))
      findings.add('wrong', `beat ${id}: version ${version} after ${latest.get(viewer)}`);
    else if (input.lastBeats.has(id) && version !== last)
      findings.add('wrong', `beat ${id} after all profiles: version ${version} of ${last}`);
    latest.set(viewer, version);
    found.add(id);
  }
  for (const { id } of input.beats) if (!found.has(id)) findings.add('lost', `beat ${id} with its profile`);
}
