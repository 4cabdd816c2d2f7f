/** A list of all words of a type but UNKNOWN; a word that is missing or too much does not compile. */
export function words<W extends string>(all: Readonly<Record<Exclude<W, 'UNKNOWN'>, true>>): readonly W[] {
  return Object.keys(all) as W[];
}
