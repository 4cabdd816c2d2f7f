import type { BrokerError } from '../../../src/kafka/errors.ts';
import { GroupMember } from '../../../src/kafka/group-member.ts';
import type { GroupAssignor, GroupHooks, GroupMemberOptions } from '../../../src/kafka/group-types.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { until } from './deadline.ts';
import { RebalancingGroup } from './rebalancing-group.ts';
import { ScriptedBroker } from './scripted-broker.ts';

/** Tells each member how many partitions topic `t` has. */
export const assignor: GroupAssignor = {
  name: 'all',
  metadata: () => Buffer.from('subscription'),
  assign: (joined, counts) =>
    new Map(joined.map(({ memberId }) => [memberId, Buffer.from(`${counts.get('t')} partitions`)])),
};

/** Members of one group on a scripted broker; topic `t` has four partitions. */
export class GroupScene {
  readonly broker: ScriptedBroker;
  readonly group: RebalancingGroup;
  /** What the hooks heard, in order. */
  readonly heard: string[] = [];
  readonly #client: KafkaClient;
  readonly #members: GroupMember[] = [];

  private constructor(broker: ScriptedBroker) {
    this.broker = broker;
    this.group = new RebalancingGroup(broker);
    this.#client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
  }

  static async start(): Promise<GroupScene> {
    const broker = await ScriptedBroker.start();
    broker.topics.set('t', 4);
    return new GroupScene(broker);
  }

  makeMember(options: Partial<GroupMemberOptions> = {}, hooks: Partial<GroupHooks> = {}): GroupMember {
    const { heard } = this;
    const member = new GroupMember(this.#client, {
      groupId: 'g',
      topics: ['t'],
      assignor,
      heartbeatIntervalMs: 10,
      ...options,
      hooks: {
        onRevoked: async () => void heard.push('revoked'),
        onAssigned: async (assignment, { generation }) =>
          void heard.push(`assigned ${assignment.toString()} in ${generation}`),
        onLost: async (reason) => void heard.push(`lost: ${(reason as BrokerError).reason}`),
        onError: (error) => void heard.push(`error: ${(error as BrokerError).reason ?? error.message}`),
        ...hooks,
      },
    });
    this.#members.push(member);
    return member;
  }

  /** Waits until that many assignments were heard of, and the member is stable. */
  async joined(member: GroupMember, times = 1): Promise<void> {
    const assignments = (): number => this.heard.filter((line) => line.startsWith('assigned')).length;
    await until(`assignment ${times}`, () => assignments() >= times && member.state === 'stable');
  }

  async close(): Promise<void> {
    for (const member of this.#members) await member.leave();
    await this.#client.close();
    await this.broker.close();
  }
}
