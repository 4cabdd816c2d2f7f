import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  AssignedTask,
  AssignmentSettings,
  AssignorMember,
  MemberPlacement,
} from '../../../src/runtime/assignment/assignor-member.ts';
import { formatTaskId, parseTaskId } from '../../../src/runtime/assignment/task-id.ts';
import { placeTasks } from '../../../src/runtime/assignment/task-placement.ts';

const SETTINGS: AssignmentSettings = { acceptableRecoveryLag: 100, maxWarmupReplicas: 2, numStandbyReplicas: 0 };
const LENGTH = 5_000;

const stateful = (name: string): AssignedTask => ({
  id: parseTaskId(name),
  isStateful: true,
  changelogLength: LENGTH,
});

/** `lags` by task; of what it owns 0, unless it says something else. */
const member = (
  id: string,
  { owned = [], lags = {}, tags = {} }: { owned?: string[]; lags?: Record<string, number>; tags?: object } = {},
): AssignorMember => ({
  id,
  owned: owned.map(parseTaskId),
  generation: 1,
  lags: new Map([...owned.map((task) => [task, 0] as const), ...Object.entries(lags)]),
  tags: { ...tags },
});

/** `active | standby (warm-ups in brackets)` of each member. */
const shown = (placements: ReadonlyMap<string, MemberPlacement>): Record<string, string> =>
  Object.fromEntries(
    [...placements].map(([id, { active, standby, warmup }]) => {
      const warm = new Set(warmup.map(formatTaskId));
      const standbys = standby.map(formatTaskId).map((task) => (warm.has(task) ? `(${task})` : task));
      return [id, `${active.map(formatTaskId).join(' ')} | ${standbys.join(' ')}`];
    }),
  );

describe('placing tasks with state', () => {
  const four = ['0_0', '0_1', '0_2', '0_3'].map(stateful);

  test.each<[string, AssignedTask[], AssignorMember[], Partial<AssignmentSettings>, Record<string, string>]>([
    [
      'a newcomer warms up before it gets anything, a few tasks at a time',
      ['0_0', '0_1', '0_2', '0_3', '0_4', '0_5'].map(stateful),
      [member('a', { owned: ['0_0', '0_1', '0_2', '0_3', '0_4', '0_5'] }), member('b')],
      {},
      { a: '0_0 0_1 0_2 0_3 0_4 0_5 | ', b: ' | (0_3) (0_4)' },
    ],
    [
      'what has caught up moves, the next is warmed up',
      four,
      [member('a', { owned: ['0_0', '0_1', '0_2', '0_3'] }), member('b', { lags: { '0_2': 100, '0_3': 101 } })],
      {},
      { a: '0_0 0_1 0_3 | ', b: '0_2 | (0_3)' },
    ],
    [
      'a caught-up standby takes over at once, and what it has too much is warmed up elsewhere',
      four,
      [member('b', { owned: ['0_2', '0_3'], lags: { '0_0': 3, '0_1': 4 } }), member('c')],
      {},
      { b: '0_0 0_1 0_2 0_3 | ', c: ' | (0_0) (0_1)' },
    ],
    [
      'when nobody has caught up, who lacks least begins',
      four,
      [member('b', { lags: { '0_0': 4_000, '0_1': 3_000 } }), member('c', { lags: { '0_2': 200, '0_3': 4_999 } })],
      {},
      { b: '0_0 0_1 | ', c: '0_2 0_3 | ' },
    ],
    [
      'an owner that restores from nothing yields to a standby that has caught up',
      [stateful('0_0')],
      [member('a', { owned: ['0_0'], lags: { '0_0': 4_500 } }), member('b', { lags: { '0_0': 7 } })],
      {},
      { a: ' | (0_0)', b: '0_0 | ' },
    ],
    [
      'standbys are where the task is not',
      ['0_0', '0_1'].map(stateful),
      [member('a', { owned: ['0_0'] }), member('b', { owned: ['0_1'] })],
      { numStandbyReplicas: 1 },
      { a: '0_0 | 0_1', b: '0_1 | 0_0' },
    ],
    [
      'no more standbys than there are other members',
      [stateful('0_0')],
      [member('a', { owned: ['0_0'] }), member('b')],
      { numStandbyReplicas: 3 },
      { a: '0_0 | ', b: ' | 0_0' },
    ],
    [
      'a standby goes to another zone',
      ['0_0', '0_1'].map(stateful),
      [
        member('a', { owned: ['0_0'], tags: { zone: 'x' } }),
        member('b', { owned: ['0_1'], tags: { zone: 'x' } }),
        member('c', { tags: { zone: 'y' } }),
      ],
      { numStandbyReplicas: 1 },
      { a: '0_0 | ', b: '0_1 | ', c: ' | 0_0 0_1' },
    ],
    [
      'a standby stays where its state is',
      ['0_0', '0_1', '0_2'].map(stateful),
      [
        member('a', { owned: ['0_0'], lags: { '0_1': 9_000 } }),
        member('b', { owned: ['0_1'], lags: { '0_2': 9_000 } }),
        member('c', { owned: ['0_2'], lags: { '0_0': 9_000 } }),
      ],
      { numStandbyReplicas: 1 },
      { a: '0_0 | 0_1', b: '0_1 | 0_2', c: '0_2 | 0_0' },
    ],
    [
      'a task without state moves at once and has no standby',
      ['0_0', '0_1'].map((name) => ({ ...stateful(name), isStateful: false })),
      [member('a', { owned: ['0_0', '0_1'] }), member('b')],
      { numStandbyReplicas: 1 },
      { a: '0_0 | ', b: '0_1 | ' },
    ],
    [
      'short changelogs are read at once: their tasks move without a warm-up',
      ['0_0', '0_1'].map((name) => ({ ...stateful(name), changelogLength: 100 })),
      [member('a', { owned: ['0_0', '0_1'] }), member('b')],
      {},
      { a: '0_0 | ', b: '0_1 | ' },
    ],
  ])('%s', (_, tasks, members, settings, expected) => {
    expect(shown(placeTasks(tasks, members, { ...SETTINGS, ...settings }))).toEqual(expected);
  });
});

const arbitraryTasks = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((counts) =>
    counts.flatMap(([count, isStateful], subtopology) =>
      Array.from({ length: count }, (_, partition) => ({
        id: { subtopology, partition },
        isStateful,
        changelogLength: LENGTH,
      })),
    ),
  );
const arbitraryMembers = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    generation: fc.integer({ min: -1, max: 3 }),
    owned: fc.array(fc.record({ subtopology: fc.nat(4), partition: fc.nat(6) }), { maxLength: 8 }),
    lags: fc
      .array(fc.tuple(fc.nat(4), fc.nat(6), fc.constantFrom(0, 50, 101, LENGTH)), { maxLength: 12 })
      .map((lags) => new Map(lags.map(([subtopology, partition, lag]) => [`${subtopology}_${partition}`, lag]))),
    tags: fc.record({ zone: fc.constantFrom('x', 'y') }),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
);
const arbitrarySettings = fc.record({
  acceptableRecoveryLag: fc.constantFrom(0, 100, LENGTH),
  maxWarmupReplicas: fc.integer({ min: 1, max: 4 }),
  numStandbyReplicas: fc.integer({ min: 0, max: 3 }),
});

const names = (list: readonly AssignedTask['id'][]): string[] => list.map(formatTaskId);
const lagOf = (task: AssignedTask, { lags }: AssignorMember): number =>
  task.isStateful ? (lags.get(formatTaskId(task.id)) ?? task.changelogLength) : 0;

describe('any cluster', () => {
  test('every task is active once, has its standbys, and nothing twice at one member', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, arbitrarySettings, (tasks, members, settings) => {
        const placements = [...placeTasks(tasks, members, settings).values()];
        expect(names(placements.flatMap(({ active }) => active)).toSorted()).toEqual(
          names(tasks.map(({ id }) => id)).toSorted(),
        );
        const standbys = placements.flatMap(({ standby, warmup }) => {
          const warm = new Set(names(warmup));
          return names(standby).filter((task) => !warm.has(task));
        });
        const room = members.length - 1;
        for (const { id, isStateful } of tasks) {
          const name = formatTaskId(id);
          const warm = placements.filter(({ warmup }) => names(warmup).includes(name)).length;
          const wanted = isStateful ? Math.min(settings.numStandbyReplicas, room - warm) : 0;
          expect(standbys.filter((other) => other === name)).toHaveLength(wanted);
        }
        expect(placements.flatMap(({ warmup }) => warmup).length).toBeLessThanOrEqual(settings.maxWarmupReplicas);
        for (const { active, standby } of placements) {
          const all = names([...active, ...standby]);
          expect(new Set(all).size).toBe(all.length);
        }
      }),
    );
  });

  test('a task with state is active where it can be processed at once, when there is such a member', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, arbitrarySettings, (tasks, members, settings) => {
        const placements = placeTasks(tasks, members, settings);
        for (const task of tasks) {
          const ready = members.filter((one) => lagOf(task, one) <= settings.acceptableRecoveryLag);
          const owner = members.find(({ id }) =>
            names(placements.get(id)?.active ?? []).includes(formatTaskId(task.id)),
          );
          expect(owner).toBeDefined();
          if (ready.length > 0) expect(ready).toContain(owner);
        }
      }),
    );
  });

  test('the order of tasks and members does not matter', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, arbitrarySettings, (tasks, members, settings) => {
        const straight = shown(placeTasks(tasks, members, settings));
        expect(shown(placeTasks(tasks.toReversed(), members.toReversed(), settings))).toEqual(straight);
      }),
    );
  });

  test('rebalances come to an end, balanced and without warm-ups, and then nothing moves', () => {
    fc.assert(
      fc.property(arbitraryTasks, arbitraryMembers, arbitrarySettings, (tasks, members, settings) => {
        let placements = placeTasks(tasks, members, settings);
        // Each round at least one warm-up comes to its end, and there are at most as many as tasks.
        for (let round = 0; round <= tasks.length + 1; round++) {
          const next = placeTasks(tasks, settled(members, placements), settings);
          if (round > tasks.length) expect(shown(next)).toEqual(shown(placements));
          placements = next;
        }
        const sizes = [...placements.values()].map(({ active }) => active.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect([...placements.values()].flatMap(({ warmup }) => warmup)).toEqual([]);
      }),
    );
  });
});

/** The members after they have taken what they were given and caught up with all of it. */
const settled = (
  members: readonly AssignorMember[],
  placements: ReadonlyMap<string, MemberPlacement>,
): AssignorMember[] =>
  members.map(({ id, tags }) => {
    const { active = [], standby = [] } = placements.get(id) ?? {};
    const lags = new Map(names([...active, ...standby]).map((task) => [task, 0]));
    return { id, tags, owned: active, generation: 5, lags };
  });
