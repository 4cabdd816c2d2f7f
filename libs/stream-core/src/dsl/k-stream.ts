import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../processor/processor.ts';
import type { TopicNameExtractor } from '../processor/sink-node.ts';
import type { Topic } from '../topology/topic.ts';
import type { GlobalKTable } from './global-k-table.ts';
import { KGroupedStream } from './k-grouped-stream.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { BranchedKStream } from './branched-k-stream.ts';
import { filterStream } from './operators/filter.ts';
import { flatMapStreamValues } from './operators/flat-map-values.ts';
import { flatMapStream } from './operators/flat-map.ts';
import { mapStreamValues } from './operators/map-values.ts';
import { mapStream } from './operators/map.ts';
import { mergeStreams } from './operators/merge.ts';
import { foreachOfStream, peekStream, printStream } from './operators/peek.ts';
import { processStream, processStreamValues } from './operators/process.ts';
import { repartitionStream } from './operators/repartition.ts';
import { selectStreamKey } from './operators/select-key.ts';
import { joinStreamWithGlobalTable, joinStreamWithTable } from './operators/stream-table-join.ts';
import { streamToTable } from './operators/to-table.ts';
import { sinkStream } from './operators/to.ts';
import type { SinkTarget } from './operators/to.ts';
import type { JoinWindows } from './join-windows.ts';
import { joinStreams } from './operators/stream-stream-join.ts';
import type { StreamJoin } from './operators/stream-stream-join.ts';
import type * as o from './options.ts';
import type { StreamHandle } from './stream-handle.ts';

/**
 * A stream of independent records. Every method gives a new stream and leaves this one as it is; nothing runs before the topology does. Callbacks take the value first, then the key, and must
 * be pure but for `peek`, `foreach` and `process`. What a record lacks reaches them as null: say `KStream<K, V | null>` where that can be.
 */
export class KStream<K, V> {
  /** For the DSL itself. */
  readonly handle: StreamHandle;

  constructor(handle: StreamHandle) {
    this.handle = handle;
  }

  /** Keeps the records that the predicate accepts. One that accepts no null, such as `(value) => value !== null`, leaves a stream of values only. */
  filter(predicate: o.ValuePredicate<K, V>, options?: o.NamedOptions): KStream<K, NonNullable<V>>;
  /** Keeps the records that the predicate accepts. */
  filter(predicate: o.Predicate<K, V>, options?: o.NamedOptions): KStream<K, V>;
  filter(predicate: o.Predicate<K, V>, options: o.NamedOptions = {}): KStream<K, V> | KStream<K, NonNullable<V>> {
    return new KStream<K, V>(filterStream(this.handle, predicate, false, options));
  }

  /** Keeps the records that the predicate rejects. */
  filterNot(predicate: o.Predicate<K, V>, options: o.NamedOptions = {}): KStream<K, V> {
    return new KStream(filterStream(this.handle, predicate, true, options));
  }

  /** Replaces key and value; what needs the key afterwards repartitions. */
  map<KR, VR>(mapper: o.KeyValueMapper<K, V, KR, VR>, options: o.NamedOptions = {}): KStream<KR, VR> {
    return new KStream(mapStream(this.handle, mapper, options));
  }

  /** Replaces the value. */
  mapValues<VR>(mapper: o.ValueMapper<K, V, VR>, options: o.NamedOptions = {}): KStream<K, VR> {
    return new KStream(mapStreamValues(this.handle, mapper, options));
  }

  /** Replaces each record by any number of records. */
  flatMap<KR, VR>(mapper: o.FlatMapper<K, V, KR, VR>, options: o.NamedOptions = {}): KStream<KR, VR> {
    return new KStream(flatMapStream(this.handle, mapper, options));
  }

  /** Replaces each record by any number of records under its key. */
  flatMapValues<VR>(mapper: o.FlatValueMapper<K, V, VR>, options: o.NamedOptions = {}): KStream<K, VR> {
    return new KStream(flatMapStreamValues(this.handle, mapper, options));
  }

  /** Replaces the key; what needs the key afterwards repartitions. */
  selectKey<KR>(selector: o.KeySelector<K, V, KR>, options: o.NamedOptions = {}): KStream<KR, V> {
    return new KStream(selectStreamKey(this.handle, selector, options));
  }

  /** Calls the action for each record and passes it on. */
  peek(action: o.ForeachAction<K, V>, options: o.NamedOptions = {}): KStream<K, V> {
    return new KStream(peekStream(this.handle, action, options));
  }

  /** Calls the action for each record; the stream ends here. */
  foreach(action: o.ForeachAction<K, V>, options: o.NamedOptions = {}): void {
    foreachOfStream(this.handle, action, options);
  }

  /** Writes a line for each record, `[label]: key, value`; the stream ends here. For trying things out. */
  print(options: o.PrintOptions = {}): void {
    printStream(this.handle, options);
  }

  /** Both streams as one, of either's types; records of one stream keep their order. */
  merge<KO, VO>(other: KStream<KO, VO>, options: o.NamedOptions = {}): KStream<K | KO, V | VO> {
    return new KStream(mergeStreams(this.handle, other.handle, options));
  }

  /** Each record to the first branch that accepts it. `name` becomes the prefix of the branches' names. */
  split(options: o.NamedOptions = {}): BranchedKStream<K, V> {
    return new BranchedKStream<K, V>(this.handle, options, newStream);
  }

  /** Through a topic of the application's own, so that equal keys meet in one task. */
  repartition(options: o.RepartitionedOptions<K, V> = {}): KStream<K, V> {
    return new KStream(repartitionStream(this.handle, options));
  }

  /** Writes to a topic, or to the one that a function names for each record. */
  to(
    topic: string | Topic<NonNullable<K>, NonNullable<V>> | TopicNameExtractor<K, V>,
    options: o.ProducedOptions<K, V> = {},
  ): void {
    sinkStream(this.handle, topic as SinkTarget, options as o.ProducedOptions<unknown, unknown>);
  }

  /** Reads the records as changes of a table: the last value of each key counts, null deletes. */
  toTable(
    options: o.NamedOptions & o.MaterializedOptions<K, V> & o.VersionedOptions = {},
  ): KTable<NonNullable<K>, NonNullable<V>> {
    return new KTable(streamToTable(this.handle, options), newStream);
  }

  /** Groups by the key as it is. */
  groupByKey(options: o.GroupedOptions<K, V> = {}): KGroupedStream<NonNullable<K>, V> {
    const { name: groupName, key, value } = options;
    const { handle } = this;
    return new KGroupedStream(
      {
        ...handle,
        groupName,
        key: key ?? handle.key,
        value: value ?? handle.value,
        repartition: undefined,
      },
      newStream,
    );
  }

  /** Groups by another key: `selectKey` and `groupByKey` in one. `name` also names the repartition topic. */
  groupBy<KR>(selector: o.KeySelector<K, V, KR>, options: o.GroupedOptions<KR, V>): KGroupedStream<NonNullable<KR>, V> {
    const { name: groupName, key, value } = options;
    const selected = selectStreamKey(this.handle, selector, { name: groupName });
    return new KGroupedStream({ ...selected, groupName, key, value: value ?? selected.value }, newStream);
  }

  /** Joins each record with the table's present value of its key; records without one are left out. */
  join<VT, VR>(
    table: KTable<NonNullable<K>, VT>,
    joiner: o.ValueJoiner<K, NonNullable<V>, VT, VR>,
    options: o.JoinedOptions<K, V> & o.GraceOptions = {},
  ): KStream<K, VR> {
    return new KStream(
      joinStreamWithTable(
        this.handle,
        table.handle,
        joiner as o.ValueJoiner<unknown, unknown, unknown, unknown>,
        false,
        options,
      ),
    );
  }

  /** As `join`, with null for what the table does not have. */
  leftJoin<VT, VR>(
    table: KTable<NonNullable<K>, VT>,
    joiner: o.ValueJoiner<K, NonNullable<V>, VT | null, VR>,
    options: o.JoinedOptions<K, V> & o.GraceOptions = {},
  ): KStream<K, VR> {
    return new KStream(
      joinStreamWithTable(
        this.handle,
        table.handle,
        joiner as o.ValueJoiner<unknown, unknown, unknown, unknown>,
        true,
        options,
      ),
    );
  }

  /** Joins each record with a global table's present value of the key that the selector gives; records without one are left out. */
  joinGlobal<KG, VG, VR>(
    table: GlobalKTable<KG, VG>,
    keySelector: o.KeySelector<K, V, KG | null>,
    joiner: o.ValueJoiner<K, NonNullable<V>, VG, VR>,
    options: o.NamedOptions = {},
  ): KStream<K, VR> {
    return new KStream(
      joinStreamWithGlobalTable(this.handle, table.view, globalParts(keySelector, joiner, false), options),
    );
  }

  /** As `joinGlobal`, with null for what the table does not have. */
  leftJoinGlobal<KG, VG, VR>(
    table: GlobalKTable<KG, VG>,
    keySelector: o.KeySelector<K, V, KG | null>,
    joiner: o.ValueJoiner<K, NonNullable<V>, VG | null, VR>,
    options: o.NamedOptions = {},
  ): KStream<K, VR> {
    return new KStream(
      joinStreamWithGlobalTable(this.handle, table.view, globalParts(keySelector, joiner, true), options),
    );
  }

  /** Hands records to a processor, which forwards what it likes under any key. */
  process<KR = never, VR = never>(
    supplier: ProcessorSupplier<K, V, KR, VR>,
    options: o.ProcessOptions = {},
  ): KStream<KR, VR> {
    return new KStream(processStream(this.handle, supplier, options));
  }

  /** Hands records to a processor that keeps their keys. */
  processValues<VR = never>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options: o.ProcessOptions = {},
  ): KStream<K, VR> {
    return new KStream(processStreamValues(this.handle, supplier, options));
  }

  /** Joins the records of two streams that are near in time; each pair gives one record, with the later timestamp. */
  joinStream<VO, VR>(
    other: KStream<K, VO>,
    joiner: o.ValueJoiner<K, NonNullable<V>, NonNullable<VO>, VR>,
    windows: JoinWindows,
    options: o.StreamJoinedOptions<K, V, VO> = {},
  ): KStream<K, VR> {
    return new KStream(joinStreams(this.handle, other.handle, streamJoin('inner', joiner, windows, options)));
  }

  /** As `joinStream`; a record of this stream that finds no partner is joined with null, as soon as a later record of either stream closes its window. */
  leftJoinStream<VO, VR>(
    other: KStream<K, VO>,
    joiner: o.ValueJoiner<K, NonNullable<V>, NonNullable<VO> | null, VR>,
    windows: JoinWindows,
    options: o.StreamJoinedOptions<K, V, VO> = {},
  ): KStream<K, VR> {
    return new KStream(joinStreams(this.handle, other.handle, streamJoin('left', joiner, windows, options)));
  }

  /** As `leftJoinStream`, for records of either stream. */
  outerJoinStream<VO, VR>(
    other: KStream<K, VO>,
    joiner: o.ValueJoiner<K, NonNullable<V> | null, NonNullable<VO> | null, VR>,
    windows: JoinWindows,
    options: o.StreamJoinedOptions<K, V, VO> = {},
  ): KStream<K, VR> {
    return new KStream(joinStreams(this.handle, other.handle, streamJoin('outer', joiner, windows, options)));
  }
}

/** For what makes streams without importing this file. */
export const newStream: NewStream = (handle) => new KStream(handle);

function globalParts(keySelector: unknown, joiner: unknown, isLeft: boolean) {
  return {
    keySelector: keySelector as o.KeySelector<unknown, unknown, unknown>,
    joiner: joiner as o.ValueJoiner<unknown, unknown, unknown, unknown>,
    isLeft,
  };
}

function streamJoin(type: StreamJoin['type'], joiner: unknown, windows: JoinWindows, options: object): StreamJoin {
  return { type, joiner: joiner as StreamJoin['joiner'], windows, options };
}
