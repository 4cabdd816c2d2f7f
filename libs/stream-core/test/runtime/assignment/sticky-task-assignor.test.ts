import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AssignorMember } from '../../../src/runtime/assignment/assignor-member.ts';
import { assignTasks } from '../../../src/runtime/assignment/sticky-task-assignor.ts';
import { formatTaskId, parseTaskId, type TaskId } from '../../../src/runtime/assignment/task-id.ts';

const member = (id: string, owned: string[] = [], generation = 1): AssignorMember => ({
  id,
  owned: owned.map(parseTaskId),
  generation,
  lags: new Map(),
  tags: {},
});
const tasks = (...names: string[]): TaskId[] => names.map(parseTaskId);
const names = (assignment: Map<string, readonly TaskId[]>): Record<string, string[]> =>
  Object.fromEntries([...assignment].map(([id, list]) => [id, list.map(formatTaskId)]));

const arbitraryTasks = fc
  .array(fc.integer({ min: 0, max: 8 }), { minLength: 0, maxLength: 4 })
  .map((counts) =>
    counts.flatMap((count, subtopology) =>
      Array.from({ length: count }, (_, partition) => ({ subtopology, partition })),
    ),
  );
const arbitraryMembers = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    generation: fc.integer({ min: -1, max: 3 }),
    owned: fc.array(fc.record({ subtopology: fc.nat(4), partition: fc.nat(8) }), { maxLength: 12 }),
    lags: fc.constant(new Map<string, number>()),
    tags: fc.constant({}),
  }),
  { selector: (one) => one.id, minLength: 1, maxLength: 6 },
);

/** The members after they were given `assignment`. */
const holding = (ids: readonly string[], assignment: Map<string, readonly TaskId[]>): AssignorMember[] =>
  ids.map((id) => ({ id, owned: assignment.get(id) ?? [], generation: 5, lags: new Map(), tags: {} }));

function moved(before: Map<string, readonly TaskId[]>, after: Map<string, readonly TaskId[]>): number {
  let count = 0;
  for (const [id, list] of after) {
    const had = new Set((before.get(id) ?? []).map(formatTaskId));
    for (const task of list) if (!had.has(formatTaskId(task))) count++;
  }
  return count;
}

describe('placing tasks', () => {
  test.each([
    ['nobody is there', tasks('0_0'), [], {}],
    ['one member takes all', tasks('0_1', '0_0', '1_0'), [member('a')], { a: ['0_0', '0_1', '1_0'] }],
    [
      'each sub-topology is spread over the members',
      tasks('0_0', '0_1', '1_0', '1_1'),
      [member('a'), member('b')],
      { a: ['0_0', '1_0'], b: ['0_1', '1_1'] },
    ],
    [
      'members keep what they have',
      tasks('0_0', '0_1', '0_2', '0_3'),
      [member('a', ['0_1', '0_3']), member('b', ['0_0', '0_2'])],
      { a: ['0_1', '0_3'], b: ['0_0', '0_2'] },
    ],
    [
      'a newcomer takes only its share, the last partitions first',
      tasks('0_0', '0_1', '0_2', '0_3'),
      [member('a', ['0_0', '0_1', '0_2', '0_3']), member('b')],
      { a: ['0_0', '0_1'], b: ['0_2', '0_3'] },
    ],
    [
      'of two claims the later generation holds',
      tasks('0_0', '0_1'),
      [member('a', ['0_0', '0_1'], 4), member('b', ['0_0'], 7)],
      { a: ['0_1'], b: ['0_0'] },
    ],
    ['tasks that are gone are forgotten', tasks('0_0'), [member('a', ['0_0', '9_9'])], { a: ['0_0'] }],
    ['more members than tasks', tasks('0_0'), [member('a'), member('b', ['0_0'])], { a: [], b: ['0_0'] }],
  ])('%s', (_, all, members, expected) => {
    expect(names(assignTasks(all, members))).toEqual(expected);
  });

  test('every task has exactly one member and the numbers differ by one at most', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, (all, members) => {
        const assignment = assignTasks(all, members);
        const given = [...assignment.values()].flat().map(formatTaskId);
        expect(given.toSorted()).toEqual(all.map(formatTaskId).toSorted());
        const sizes = [...assignment.values()].map((list) => list.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect([...assignment.keys()].toSorted()).toEqual(members.map(({ id }) => id).toSorted());
      }),
    );
  });

  test('the order of tasks and members does not matter', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, (all, members) => {
        const straight = names(assignTasks(all, members));
        expect(names(assignTasks(all.toReversed(), members.toReversed()))).toEqual(straight);
      }),
    );
  });

  test('nothing moves when nobody comes or goes', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, (all, members) => {
        const first = assignTasks(all, members);
        expect(names(assignTasks(all, holding([...first.keys()], first)))).toEqual(names(first));
      }),
    );
  });

  test('when a member leaves only its tasks move, when one comes only its share does', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, (all, members) => {
        const first = assignTasks(all, members);
        const [leaver, ...staying] = [...first.keys()];
        fc.pre(leaver !== undefined && staying.length > 0);
        const afterLeave = assignTasks(all, holding(staying, first));
        expect(moved(first, afterLeave)).toBe(first.get(leaver)?.length);
        const afterJoin = assignTasks(all, [...holding(staying, afterLeave), member('newcomer')]);
        expect(moved(afterLeave, afterJoin)).toBe(afterJoin.get('newcomer')?.length);
      }),
    );
  });
});
