import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeAssignment as decodeConsumerAssignment,
  decodeSubscription as decodeConsumerSubscription,
} from '../../../src/kafka/consumer-protocol.ts';
import {
  CURRENT,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type SubscriptionUserData,
} from '../../../src/runtime/assignment/member-user-data.ts';
import {
  assignIncrementally,
  readAssignment,
  StreamsPartitionAssignor,
  type TaskLogs,
  tasksOf,
} from '../../../src/runtime/assignment/streams-partition-assignor.ts';
import { formatTaskId, parseTaskId, type TaskId } from '../../../src/runtime/assignment/task-id.ts';

const subscription = (processId: string, owned: string[] = [], generation = 1): SubscriptionUserData => ({
  processId,
  applicationServer: `http://127.0.0.1:9${processId.length}`,
  owned: owned.map(parseTaskId),
  generation,
  positions: new Map(owned.map((task) => [task, CURRENT])),
  tags: {},
});
const SETTINGS = { acceptableRecoveryLag: 100, maxWarmupReplicas: 2, numStandbyReplicas: 0 };
const logs = (tasks: readonly TaskId[], length = 0): TaskLogs[] =>
  tasks.map((id) => ({ id, isStateful: true, start: 0, end: length }));

const NO_STANDBYS = { standbys: [], warmups: [] };

describe('the assignor of a topology', () => {
  test('its tasks are numbered by sub-topology and partition', () => {
    const counts = new Map([
      [2, 2],
      [0, 3],
    ]);
    expect(tasksOf(counts).map(formatTaskId)).toEqual(['0_0', '0_1', '0_2', '2_0', '2_1']);
  });

  const inputsOf = ({ partition }: TaskId) => [{ topic: 'beats', partition }];
  const assignorOf = (own: SubscriptionUserData) =>
    new StreamsPartitionAssignor({
      tasks: tasksOf(new Map([[0, 3]])),
      topics: ['beats'],
      inputsOf,
      changelogsOf: () => [],
      listOffsets: () => Promise.reject(new Error('there is no changelog')),
      settings: SETTINGS,
      subscription: () => own,
    });

  test('every member learns the tasks and the address of every other', async () => {
    const [one, two] = [subscription('p-1'), subscription('p-22')];
    const joined = [one, two].map((data, index) => ({
      memberId: `m-${index + 1}`,
      groupInstanceId: null,
      metadata: assignorOf(data).metadata(),
    }));
    const result = await assignorOf(one).assign(joined);
    expect([...result.keys()]).toEqual(['m-1', 'm-2']);
    for (const bytes of result.values()) {
      expect(readAssignment(bytes).instances).toEqual([
        {
          processId: 'p-1',
          applicationServer: 'http://127.0.0.1:93',
          tasks: ['0_0', '0_2'].map(parseTaskId),
          ...NO_STANDBYS,
        },
        { processId: 'p-22', applicationServer: 'http://127.0.0.1:94', tasks: [parseTaskId('0_1')], ...NO_STANDBYS },
      ]);
    }
  });

  test('the broker and its tools see topics and partitions', async () => {
    const assignor = assignorOf(subscription('p-1', ['0_1']));
    const seen = decodeConsumerSubscription(assignor.metadata());
    expect([seen.topics, seen.ownedPartitions]).toEqual([['beats'], [{ topic: 'beats', partition: 1 }]]);
    const joined = { memberId: 'm', groupInstanceId: null, metadata: assignor.metadata() };
    const given = decodeConsumerAssignment((await assignor.assign([joined])).get('m') ?? Buffer.alloc(0));
    expect(given.partitions).toEqual([0, 1, 2].map((partition) => ({ topic: 'beats', partition })));
  });

  test('before the first assignment nobody has anything', () => {
    expect(readAssignment(Buffer.alloc(0))).toEqual({ instances: [], followUp: false });
  });

  test.each([
    ['not JSON', Buffer.from('hello'), 'not JSON'],
    ['another version', Buffer.from('{"version":9}'), 'its version is 9'],
    ['no process id', Buffer.from('{"version":2}'), 'no process id'],
  ])('refuses member data that is %s', (_, bytes, message) => {
    expect(() => decodeSubscription(bytes)).toThrow(message);
  });

  test('member data survives encoding', () => {
    const taskIds = fc.array(fc.record({ subtopology: fc.nat(20), partition: fc.nat(200) }), { maxLength: 5 });
    const server = fc.option(fc.webUrl(), { nil: undefined });
    fc.assert(
      fc.property(
        fc.string(),
        server,
        taskIds,
        fc.integer({ min: -1 }),
        fc.array(fc.tuple(fc.stringMatching(/^\d_\d$/), fc.integer({ min: CURRENT }))),
        fc.boolean(),
        (processId, applicationServer, tasks, generation, positions, followUp) => {
          const tags = { zone: processId };
          const data = {
            processId,
            applicationServer,
            owned: tasks,
            generation,
            positions: new Map(positions),
            tags,
          };
          expect(decodeSubscription(encodeSubscription(data))).toEqual(data);
          const instance = { processId, applicationServer, tasks, standbys: tasks, warmups: tasks };
          const assignment = { instances: [instance], followUp };
          expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment);
        },
      ),
    );
  });
});

/** A group in which members take what they are given and come again whenever they had to give something up. */
class Group {
  readonly held = new Map<string, string[]>();
  private generation = 1;
  private readonly tasks: TaskId[];

  constructor(partitions: number) {
    this.tasks = Array.from({ length: partitions }, (_, partition) => ({ subtopology: 0, partition }));
  }

  /** One rebalance; returns whether a member asks for another. */
  rebalance(): boolean {
    const members = new Map([...this.held].map(([id, owned]) => [id, subscription(id, owned, this.generation)]));
    const { placements, followUp } = assignIncrementally(logs(this.tasks), members, SETTINGS);
    this.generation++;
    let again = false;
    const before = new Map(this.held);
    for (const [id, { active }] of placements) {
      const now = active.map(formatTaskId);
      for (const task of now) {
        for (const [other, had] of before) if (other !== id) expect(had).not.toContain(task);
      }
      again ||= (before.get(id) ?? []).some((task) => !now.includes(task));
      this.held.set(id, now);
    }
    expect(followUp).toBe(again);
    return again;
  }
}

describe('an incremental rebalance', () => {
  test('takes a moving task from its owner before it gives it to the next one', () => {
    const group = new Group(4);
    group.held.set('a', []);
    group.rebalance();
    group.held.set('b', []);
    expect(group.rebalance()).toBe(true);
    expect(Object.fromEntries(group.held)).toEqual({ a: ['0_0', '0_1'], b: [] });
    expect(group.rebalance()).toBe(false);
    expect(Object.fromEntries(group.held)).toEqual({ a: ['0_0', '0_1'], b: ['0_2', '0_3'] });
  });

  test('settles in two rebalances with every task given, and no task ever has two owners', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd')), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), steps, (partitions, changes) => {
        const group = new Group(partitions);
        for (const [joins, id] of changes) {
          if (joins) group.held.set(id, group.held.get(id) ?? []);
          else group.held.delete(id);
          if (group.rebalance()) expect(group.rebalance()).toBe(false);
          const given = [...group.held.values()].flat();
          expect(given).toHaveLength(group.held.size === 0 ? 0 : partitions);
          expect(new Set(given).size).toBe(given.length);
        }
      }),
    );
  });

  test('a claim from an older generation is no claim', () => {
    const members = new Map([
      ['zombie', subscription('zombie', ['0_0', '0_1'], 3)],
      ['owner', subscription('owner', ['0_0', '0_1'], 8)],
    ]);
    const { placements } = assignIncrementally(logs(['0_0', '0_1'].map(parseTaskId)), members, SETTINGS);
    expect(placements.get('owner')?.active.map(formatTaskId)).toEqual(['0_0']);
    expect(placements.get('zombie')?.active).toEqual([]);
  });
});
