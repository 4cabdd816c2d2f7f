/** What changed between two versions of a topology, and which of it the application's state does not survive. */
import { isGeneratedName } from '../../topology/ensure-names.ts';
import type { StoreShape, TopicShape, TopologyShape } from './topology-shape.ts';

/** A change that loses state or records, and what to do about it. */
export interface IncompatibleChange {
  readonly change: string;
  readonly remedy: string;
}

/** All that differs. */
export interface TopologyDifference {
  readonly incompatible: readonly IncompatibleChange[];
  /** Changes that lose nothing unasked, in words. */
  readonly compatible: readonly string[];
}

/** Compares with what ran before. `existing`: internal topics that are there already, made by that version or an earlier one. */
export function compareShapes(
  before: TopologyShape,
  after: TopologyShape,
  existing: ReadonlySet<string>,
): TopologyDifference {
  const stores = partition(before.stores, after.stores);
  const topics = partition(before.topics.filter(isRepartition), after.topics.filter(isRepartition));
  return {
    incompatible: [
      ...stores.kept.flatMap(([was, is]) => changedStore(was, is)),
      ...renamedStores(stores.gone, stores.added),
      ...renamedTopics(topics.gone, topics.added),
      ...changedCounts(before.topics, after.topics),
      ...foundAgain(before, stores.added, existing),
    ],
    compatible: [
      ...stores.gone.map(({ name, changelog }) => `store ${name} is gone${leftBehind(changelog)}`),
      ...stores.added.map(({ name }) => `store ${name} is new and begins empty`),
      ...topics.gone.map(({ name }) => `repartition topic ${name} is no longer read`),
      ...topics.added.map(({ name }) => `repartition topic ${name} is new`),
      ...stores.kept.flatMap(([was, is]) =>
        was.subtopology === is.subtopology
          ? []
          : [`store ${is.name} is in sub-topology ${is.subtopology}, it was in ${was.subtopology}`],
      ),
      ...stores.kept.flatMap(([was, is]) => changedRetention(was, is)),
    ],
  };
}

const isRepartition = ({ kind }: TopicShape): boolean => kind === 'repartition';

const leftBehind = (changelog: string | undefined): string =>
  changelog === undefined ? '' : `; ${changelog} is left behind`;

function partition<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
): { readonly gone: T[]; readonly added: T[]; readonly kept: (readonly [was: T, is: T])[] } {
  const earlier = new Map(before.map((one) => [one.name, one]));
  const names = new Set(after.map(({ name }) => name));
  return {
    gone: before.filter(({ name }) => !names.has(name)),
    added: after.filter(({ name }) => !earlier.has(name)),
    kept: after.flatMap((is) => {
      const was = earlier.get(is.name);
      return was === undefined ? [] : [[was, is] as const];
    }),
  };
}

function changedStore(was: StoreShape, is: StoreShape): IncompatibleChange[] {
  if (was.type !== is.type) {
    return [
      {
        change: `store ${is.name} was of type ${was.type} and is of type ${is.type}, which cannot read what the other wrote`,
        remedy: 'give the new one another name (`storeName`)',
      },
    ];
  }
  return [...changedContent(was, is), ...movedChangelog(was, is)];
}

/** What both versions know of themselves and what differs between them. */
function changedContent(was: StoreShape, is: StoreShape): IncompatibleChange[] {
  const remedy = 'give the new one another name (`storeName`), or convert what is kept into a store of another name';
  const changes = (['key', 'value'] as const).flatMap((part) =>
    was[part] === undefined || is[part] === undefined || was[part] === is[part]
      ? []
      : [`store ${is.name} has ${part}s in the format ${was[part]} and reads them as ${is[part]}`],
  );
  const { windowSizeMs: size } = was;
  if (size !== undefined && is.windowSizeMs !== undefined && size !== is.windowSizeMs) {
    changes.push(
      `store ${is.name} has windows of ${size} ms and takes them for windows of ${is.windowSizeMs} ms, as only their starts are kept`,
    );
  }
  return changes.map((change) => ({ change, remedy }));
}

/** State on disk and in Redis is laid out by it: what is there is restored from the changelog. */
function changedRetention({ keptMs: wasMs }: StoreShape, { name, keptMs }: StoreShape): string[] {
  if (wasMs === undefined || keptMs === undefined || wasMs === keptMs) return [];
  return [`store ${name} keeps ${keptMs} ms, it kept ${wasMs}: what has expired does not come back`];
}

function movedChangelog(was: StoreShape, is: StoreShape): IncompatibleChange[] {
  // Back from the source topic, or under another name: the new changelog does not have the state. To the source topic it does.
  const isElsewhere = was.changelog !== is.changelog && is.changelog !== undefined && is.fromSource !== true;
  if (!isElsewhere || was.changelog === undefined) return [];
  return [
    {
      change: `store ${is.name} had its state in ${was.changelog} and looks for it in ${is.changelog}`,
      remedy: 'build with the same `optimize` as before',
    },
  ];
}

/** Whoever only takes a store away means it; one that goes while another of its type comes has most likely been given another name. */
function renamedStores(gone: readonly StoreShape[], added: readonly StoreShape[]): IncompatibleChange[] {
  const byType = Map.groupBy(gone, ({ type }) => type);
  return Array.from(byType, ([type, left]) => {
    const come = added.filter((store) => store.type === type);
    if (come.length === 0) return [];
    const names = list(left);
    return [
      {
        change: `${type} store ${names} is gone and ${list(come)} is new, so its state would be left behind`,
        remedy: left.some(({ name }) => isGeneratedName(name))
          ? `names that are made of the number of a call change with each operator above: give the operator the name it had (\`storeName: '${left[0]?.name}'\`)`
          : `call it ${names} again`,
      },
    ];
  }).flat();
}

function renamedTopics(gone: readonly TopicShape[], added: readonly TopicShape[]): IncompatibleChange[] {
  if (gone.length === 0 || added.length === 0) return [];
  return [
    {
      change: `repartition topic ${list(gone)} is gone and ${list(added)} is new, so records on their way would not be processed`,
      remedy: 'give the operator the name it had (`name` of groupBy, repartition or the join)',
    },
  ];
}

function changedCounts(before: readonly TopicShape[], after: readonly TopicShape[]): IncompatibleChange[] {
  const counts = new Map(before.map(({ name, partitions }) => [name, partitions]));
  const changed = after.flatMap(({ name, partitions }) => {
    const was = counts.get(name) ?? partitions;
    return was === partitions ? [] : [`${name} from ${was} to ${partitions}`];
  });
  if (changed.length === 0) return [];
  return [
    {
      change: `partition counts change (${changed.join(', ')}), so keys would come to partitions that do not have their state`,
      remedy: 'give the inputs, or `partitions` of repartition(), the count they had',
    },
  ];
}

/** A store that an earlier version had and the last one had not: what happened meanwhile is not in its changelog. */
function foundAgain(
  before: TopologyShape,
  added: readonly StoreShape[],
  existing: ReadonlySet<string>,
): IncompatibleChange[] {
  const known = new Set(before.stores.map(({ changelog }) => changelog));
  return added.flatMap(({ name, changelog, fromSource }) => {
    if (changelog === undefined || fromSource === true || known.has(changelog) || !existing.has(changelog)) return [];
    return [
      {
        change: `store ${name} was no part of the version that ran last, but ${changelog} exists: its state has missed what was processed since`,
        remedy: `delete ${changelog} to begin with an empty store`,
      },
    ];
  });
}

const list = (named: readonly { readonly name: string }[]): string => named.map(({ name }) => name).join(', ');
