import type { Environment, SettingProblem } from '@playhead/service-kit/process';

/** Names that begin so are meant for Playhead. */
const OWN_PREFIXES = ['GATEWAY_', 'CONCURRENCY_GUARD_', 'ENFORCEMENT_', 'PLAYHEAD_', 'STREAMS_', 'SIMULATED_'];
/** As many letters may be wrong, missing or too many. */
const MAX_DISTANCE = 2;

/** Variables that look like settings and are none, each with the setting that was meant, where one is near. */
export function misspeltSettings(env: Environment, known: readonly string[]): readonly SettingProblem[] {
  const names = new Set(known);
  return Object.keys(env)
    .filter((name) => !names.has(name) && /^[A-Z][A-Z0-9_]*$/.test(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => isNear(name, candidate));
      if (meant === undefined && !OWN_PREFIXES.some((prefix) => name.startsWith(prefix))) return [];
      const advice = meant === undefined ? '' : `; did you mean ${meant}?`;
      return [{ name, message: `there is no such setting${advice}` }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether one becomes the other by at most `MAX_DISTANCE` letters (Levenshtein's distance). */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return false;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= MAX_DISTANCE;
}
