import type { Codec, SchemaSource, Serde } from '../serde/serde.ts';
import type { StoreCodecs } from '../state/store-builder.ts';
import type { TopologyPlan } from './topology-plan.ts';

/** Every codec of an application, opened once per topic and part and shared by its tasks. */
export class TopologyCodecs {
  readonly #schemas: SchemaSource | undefined;
  readonly #opened = new Map<string, Map<Serde<unknown>, Codec<unknown>>>();
  readonly #stores = new Map<string, StoreCodecs>();
  readonly #pending: Promise<void>[] = [];
  /** Of the changelogs that the stores write; without one, values in memory are never bytes. */
  readonly #written = new Set<Codec<unknown>>();

  constructor(plan: TopologyPlan, schemas?: SchemaSource) {
    this.#schemas = schemas;
    for (const { stores } of plan.subtopologies) {
      for (const { builder, changelogTopic, isSourceChangelog } of stores) {
        const topic = changelogTopic ?? `${plan.applicationId}-${builder.name}-changelog`;
        const { key, value } = this.#openStore(builder, topic);
        if (changelogTopic !== undefined && !isSourceChangelog) this.#written.add(key).add(value);
      }
    }
    for (const { topic, builder } of plan.globalStores) this.#openStore(builder, topic);
  }

  /**
   * Resolves when every codec opened so far can be used; rejects with the first `SerdeError`, also where a
   * changelog can be read and not written: else each record would fail by itself. Await it again after tasks were made.
   */
  async ready(): Promise<void> {
    while (this.#pending.length > 0) await Promise.all(this.#pending.splice(0));
    for (const { writeError } of this.#written) if (writeError !== undefined) throw writeError;
  }

  /** The codec of a serde for a topic; opens it at the first call. */
  open<T>(serde: Serde<T>, topic: string, part: 'key' | 'value'): Codec<T> {
    const place = `${part} ${topic}`;
    let codecs = this.#opened.get(place);
    if (codecs === undefined) this.#opened.set(place, (codecs = new Map()));
    let codec = codecs.get(serde);
    if (codec === undefined) {
      codec = serde.open({ topic, part, schemas: this.#schemas });
      codecs.set(serde, codec);
      if (codec.ready !== undefined) {
        codec.ready.catch(() => {}); // Reported by ready(); a codec nobody waits for must not end the process.
        this.#pending.push(codec.ready);
      }
    }
    return codec as Codec<T>;
  }

  /** The codecs of a store, also for questions to it. */
  store(name: string): StoreCodecs {
    const codecs = this.#stores.get(name);
    if (codecs === undefined) throw new RangeError(`no store is named ${name}`);
    return codecs;
  }

  #openStore(
    builder: { name: string; keySerde: Serde<unknown>; valueSerde: Serde<unknown> },
    topic: string,
  ): StoreCodecs {
    const codecs: StoreCodecs = {
      key: this.open(builder.keySerde, topic, 'key'),
      value: this.open(builder.valueSerde, topic, 'value'),
    };
    this.#stores.set(builder.name, codecs);
    return codecs;
  }
}
