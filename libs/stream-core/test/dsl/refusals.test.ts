/** What cannot be is refused as early as possible, by an error that says what it is about and what would be allowed. */
import { expect, test } from '@jest/globals';
import type { Topology } from '@playhead/stream-core';
import {
  ArgumentError,
  JoinWindows,
  SlidingWindows,
  StreamsBuilder,
  StreamsError,
  TimeWindows,
  TopologyError,
  serdes,
  stores,
} from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { TopologyTestDriverOptions } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const titles = { ...plays, name: 'titles' };
const tumbling = TimeWindows.of({ sizeMs: 10, graceMs: 5 });
const sliding = SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 5 });
const within = JoinWindows.within(10, { graceMs: 0 });
const identity = (value: string): string => value;
const nothing = { process: () => undefined };

interface Mistake {
  readonly what: string;
  readonly define: (builder: StreamsBuilder) => unknown;
  readonly driver?: TopologyTestDriverOptions;
  /** When it is found: at the call that makes it, when the topology is built, or when it starts. */
  readonly phase: 'call' | 'build' | 'start';
  readonly error: abstract new (...given: never[]) => Error;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'a source without serdes',
    define: (builder) => builder.stream('plays'),
    phase: 'call',
    error: TopologyError,
    says: /^source KSTREAM-SOURCE-0000000000: no serde is known for its keys; give it as the option `key`$/,
  },
  {
    what: 'a sink behind a change of type',
    define: (builder) => builder.stream(plays).mapValues(identity).to('out'),
    phase: 'call',
    error: TopologyError,
    says: /^sink KSTREAM-SINK-\d+: no serde is known for its values; give it as the option `value`$/,
  },
  {
    what: 'a group behind a change of type',
    define: (builder) =>
      builder
        .stream(plays)
        .mapValues(identity)
        .groupBy(identity, { key: serdes.string })
        .count({ storeName: 'counts', name: 'count' }),
    phase: 'call',
    error: TopologyError,
    says: /^the repartition of count: no serde is known for its values; give it as the option `value` of groupBy or groupByKey$/,
  },
  {
    what: 'a foreign-key join behind a change of type',
    define: (builder) =>
      builder.table(plays).mapValues(identity).joinForeignKey(builder.table(titles), identity, identity),
    phase: 'call',
    error: TopologyError,
    says: /^KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-\d+: no serde is known for its values; give it as the option `leftValue` of joinForeignKey$/,
  },
  {
    what: 'a left foreign-key join with a table behind a change of type',
    define: (builder) =>
      builder.table(plays).leftJoinForeignKey(builder.table(titles).mapValues(identity), identity, identity),
    phase: 'call',
    error: TopologyError,
    says: /^KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-\d+: no serde is known for its values; give it as the option `otherValue` of leftJoinForeignKey$/,
  },
  {
    what: 'a foreign-key join whose rows are kept and have no serde',
    define: (builder) =>
      builder.table(plays).joinForeignKey(builder.table(titles), identity, identity, { storeName: 'joined' }),
    phase: 'build',
    error: TopologyError,
    says: /^store joined: no serde is known for its values; give it as the option `value` of joinForeignKey$/,
  },
  {
    what: 'a join with a stream behind a change of type',
    define: (builder) => builder.stream(plays).joinStream(builder.stream(titles).mapValues(identity), identity, within),
    phase: 'call',
    error: TopologyError,
    says: /^store KSTREAM-JOINOTHER-\d+-store: no serde is known for its values; give it as the option `otherValue`$/,
  },
  {
    what: 'a join with a stream that is re-keyed behind a change of type',
    define: (builder) =>
      builder
        .stream(plays)
        .joinStream(builder.stream(titles).selectKey(identity).mapValues(identity), identity, within, {
          key: serdes.string,
        }),
    phase: 'call',
    error: TopologyError,
    says: /^the repartition of KSTREAM-MAPVALUES-\d+: no serde is known for its values; give it as the option `otherValue`$/,
  },
  {
    what: 'an illegal name',
    define: (builder) => builder.stream(plays).filter(() => true, { name: 'only playing' }),
    phase: 'call',
    error: TopologyError,
    says: /"only playing" has characters other than A-Z a-z 0-9 \. _ -/,
  },
  {
    what: 'an illegal name of a store',
    define: (builder) => builder.addStateStore(stores.keyValue({ ...plays, name: 'a/b' })),
    phase: 'call',
    error: TopologyError,
    says: /"a\/b" has characters other than/,
  },
  {
    what: 'streams that are joined and ask for different partition counts',
    define: (builder) => {
      const two = builder.stream(plays).repartition({ partitions: 2, name: 'two' });
      const three = builder.stream(titles).repartition({ partitions: 3, name: 'three' });
      two.joinStream(three, identity, within).to(plays);
    },
    phase: 'build',
    error: TopologyError,
    says: /different partition counts: two-repartition 2, three-repartition 3$/,
  },
  {
    what: 'a name so long that no broker takes the topic named after it',
    define: (builder) =>
      builder
        .stream(plays)
        .groupByKey()
        .count({ storeName: 'c'.repeat(249) }),
    phase: 'start',
    error: StreamsError,
    says: /^topic app-c+-changelog has 263 characters; allowed: up to 249/,
  },
  {
    what: 'a retention shorter than its windows',
    define: (builder) => builder.stream(plays).groupByKey().windowedBy(tumbling).count({ retentionMs: 14 }),
    phase: 'call',
    error: ArgumentError,
    says: /keeps 14 ms; allowed: at least size plus grace.*15 ms/,
  },
  {
    what: 'sliding windows that are changed in place',
    define: (builder) =>
      builder
        .stream(plays)
        .groupByKey()
        .windowedBy(sliding)
        .aggregate(() => '', identity, { value: serdes.string, mutates: true }),
    phase: 'call',
    error: TopologyError,
    says: /sliding windows share aggregates/,
  },
  {
    what: 'old values of an aggregate that is changed in place',
    define: (builder) =>
      builder
        .stream(plays)
        .groupByKey()
        .aggregate(() => '', identity, { value: serdes.string, mutates: true, storeName: 'last' })
        .groupBy((value, key) => ({ key: value, value: key }), { key: serdes.string, value: serdes.string })
        .count(),
    phase: 'call',
    error: TopologyError,
    says: /store last is aggregated with `mutates`, but an operator downstream needs its old values/,
  },
  {
    what: 'waiting for a table without history',
    define: (builder) => builder.stream(plays).join(builder.table(titles), identity, { graceMs: 10 }),
    phase: 'call',
    error: ArgumentError,
    says: /give the table a `historyMs`/,
  },
  {
    what: 'two operators of one name',
    define: (builder) => [
      builder
        .stream(plays)
        .filter(() => true, { name: 'x' })
        .peek(() => undefined, { name: 'x' }),
    ],
    phase: 'build',
    error: TopologyError,
    says: /^there already is a node x: /,
  },
  {
    what: 'cogrouped streams whose repartitions would have one name',
    define: (builder) => {
      const group = (topic: typeof plays) => builder.stream(topic).groupBy(identity, { key: serdes.string });
      return group(plays)
        .cogroup<string>((all) => all)
        .cogroup(group(titles), (all) => all)
        .aggregate(() => '', { value: serdes.string, storeName: 'all' });
    },
    phase: 'build',
    error: TopologyError,
    says: /all-repartition.*the groups of several repartitioned streams/,
  },
  {
    what: 'two stores of one name',
    define: (builder) => {
      const group = builder.stream(plays).groupByKey();
      return [group.count({ storeName: 'x' }), group.count({ storeName: 'x' })];
    },
    phase: 'build',
    error: TopologyError,
    says: /^store x has already been added/,
  },
  {
    what: 'a store that nobody adds',
    define: (builder) => builder.stream(plays).process(() => nothing, { stores: ['seen'] }),
    phase: 'build',
    error: TopologyError,
    says: /^store seen is not added/,
  },
  {
    what: 'nothing to run',
    define: () => undefined,
    phase: 'start',
    error: TopologyError,
    says: /^the topology is empty: add a source first$/,
  },
  {
    what: 'joined topics of different partition counts',
    define: (builder) => builder.stream(plays).joinStream(builder.stream(titles), identity, within),
    driver: { partitions: { plays: 2, titles: 3 } },
    phase: 'start',
    error: TopologyError,
    says: /need equal partition counts: plays has 2, titles has 3/,
  },
  {
    what: 'a store that is not connected',
    define: (builder) =>
      builder.stream(plays).process(() => ({ ...nothing, init: (context) => context.getStateStore('seen') }), {
        name: 'look',
      }),
    phase: 'start',
    error: StreamsError,
    says: /store seen is not connected to processor look; name it where the processor is added/,
  },
];

test.each(MISTAKES)('$what: found at $phase', ({ define, driver, phase, error, says }) => {
  const builder = new StreamsBuilder();
  const built: Topology[] = [];
  const steps = {
    call: () => void define(builder),
    build: () => void built.push(builder.build()),
    start: () => void new TopologyTestDriver(built[0] as Topology, driver),
  };
  for (const [name, step] of Object.entries(steps)) {
    const thrown = errorOf(step);
    if (name !== phase) {
      expect(thrown).toBeUndefined();
      continue;
    }
    expect(thrown).toBeInstanceOf(error);
    expect((thrown as Error).message).toMatch(says);
    return;
  }
});

test.each([
  ['tumbling windows', () => TimeWindows.of({ sizeMs: 10 } as never)],
  ['sliding windows', () => SlidingWindows.of({ timeDifferenceMs: 10 } as never)],
  ['a join', () => JoinWindows.within(10, {} as never)],
])('the grace that was not given to %s is called missing, not undefined', (_what, make) => {
  expect(errorOf(make)).toBeInstanceOf(ArgumentError);
  expect(make).toThrow(/^graceMs is missing; allowed: whole numbers/);
});

function errorOf(step: () => void): unknown {
  try {
    step();
    return undefined;
  } catch (error) {
    return error;
  }
}
