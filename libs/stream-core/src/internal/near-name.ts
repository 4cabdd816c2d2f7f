/** As many letters may be wrong, missing or too many; fewer in a short name. */
const MAX_DISTANCE = 2;

/** The candidate that was most likely meant by a misspelt name; case, dots, dashes and underscores do not count. Undefined: none is near. */
export function nearName(name: string, candidates: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  let nearest: string | undefined;
  let least = Math.min(MAX_DISTANCE, Math.floor(letters.length / 3)) + 1;
  for (const candidate of candidates) {
    const apart = distance(letters, lettersOf(candidate));
    if (apart >= least) continue;
    nearest = candidate;
    least = apart;
  }
  return nearest;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[._-]/g, '');
}

/** Levenshtein's: how many letters are to be replaced, put in or left out. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of from.split('').entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + Number(letter !== to[column - 1]);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
