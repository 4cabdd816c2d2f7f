import { PARTITIONS, built, output, pair, tableOf, text, texts } from './family-parts.ts';
import { START_MS, inputHalves, type RowOptions } from './input-rows.ts';
import type { FamilyInput, InputRow, OperatorFamily } from './operator-family.ts';

/** A play names a title by its first letter; `-` is none, and no title is called `w`. */
const playing = (letters: string) => (index: number, random: number) =>
  `${letters[Math.floor(random * letters.length)]}:${index}`;

function tableInput(partitions: number, options: RowOptions): FamilyInput {
  const [halves] = inputHalves(1, options);
  return { partitions, halves: halves ?? [[], []] };
}

const TITLES = { keys: ['x', 'y', 'z'], counts: [20, 15] } as const;

function foreignKeyJoin(
  kind: string,
  method: 'joinForeignKey' | 'leftJoinForeignKey',
  tables: OperatorFamily['inputs'],
): OperatorFamily {
  return {
    name: `foreign-key join, ${kind}`,
    inputs: tables,
    outputs: { out: output(text) },
    stores: ['plays', 'titles', 'joined'],
    // Both tables ask and answer each other through topics: what comes between is not determined, nor is which of them has the last word.
    order: 'values',
    build: built((builder, topic) => {
      const foreignKeyOf = (value: string): string | null => (value.startsWith('-') ? null : value.slice(0, 1));
      const [left, right] = [tableOf(builder, topic('plays'), 'plays'), tableOf(builder, topic('titles'), 'titles')];
      const joined = left[method](right, foreignKeyOf, pair, { storeName: 'joined', name: 'title', ...texts });
      joined.toStream().to(topic('out'));
    }),
  };
}

/** With rows at the end that lose their foreign key, or are deleted. */
function withLastRows({ partitions, halves: [first, second] }: FamilyInput): FamilyInput {
  const last = (key: string, value: string | null): InputRow => ({ key, value, timestamp: START_MS + 5_000 });
  return { partitions, halves: [first, [...second, last('ada', '-:last'), last('bob', null)]] };
}

/** Joins by a key that a row names, over topics of different numbers of partitions. */
export const FOREIGN_KEY_FAMILIES: readonly OperatorFamily[] = [
  // As in the original, an inner join takes a result back when it is told that there is none, and does not listen when the row has changed again by then; a change that keeps its foreign key is not
  // answered where there is no such title. So here every title stays, and rows lose their foreign key only at the end.
  foreignKeyJoin('inner', 'joinForeignKey', {
    plays: withLastRows(tableInput(PARTITIONS, { seed: 61, value: playing('xyz') })),
    titles: tableInput(2, { seed: 111, nullValues: 0, ...TITLES }),
  }),
  foreignKeyJoin('left', 'leftJoinForeignKey', {
    plays: tableInput(PARTITIONS, { seed: 62, value: playing('xyzw-') }),
    titles: tableInput(2, { seed: 112, ...TITLES }),
  }),
];
