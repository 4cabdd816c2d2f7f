import type { Codec, Serde } from '../serde/serde.ts';
import { InMemoryJoinStore } from './in-memory-join-store.ts';
import { InMemoryOuterJoinStore } from './in-memory-outer-join-store.ts';
import type { JoinStore } from './join-store.ts';
import { sidedValuesSerde } from './outer-join-forms.ts';
import type { SidedValues } from './outer-join-forms.ts';
import type { OuterJoinStore } from './outer-join-store.ts';
import type { StoreBuilder } from './store-builder.ts';
import { ADDITIONAL_CHANGELOG_RETENTION_MS } from './stores.ts';

/** What the stores of a stream-stream join share. */
export interface JoinStoreOptions {
  readonly name: string;
  readonly key: Serde<unknown>;
  readonly logging: boolean | undefined;
  readonly logConfig: Readonly<Record<string, string>> | undefined;
}

/** The store of one side of a stream-stream join. Records have keys of their own in its changelog, so compaction would keep them for ever: it is deleted by time. */
export function joinStore(
  options: JoinStoreOptions & { readonly value: Serde<unknown>; readonly retentionMs: number },
): StoreBuilder<JoinStore<unknown, unknown>> {
  const { name, retentionMs, value } = options;
  const config = {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs + ADDITIONAL_CHANGELOG_RETENTION_MS),
  };
  return {
    ...common(options, config),
    valueSerde: value,
    joins: 'records',
    retentionMs,
    build: (codecs) => new InMemoryJoinStore<unknown, unknown>({ name, ...codecs, retentionMs }),
  };
}

/** The store of what a left or outer stream-stream join has found no partner for. */
export function outerJoinStore(
  options: JoinStoreOptions & { readonly left: Serde<unknown>; readonly right: Serde<unknown> },
): StoreBuilder<OuterJoinStore<unknown, unknown>> {
  const { name, left, right } = options;
  return {
    ...common(options, { 'cleanup.policy': 'compact' }),
    valueSerde: sidedValuesSerde(left, right),
    joins: 'unmatched',
    build: ({ key, value }) => new InMemoryOuterJoinStore({ name, key, value: value as Codec<SidedValues> }),
  };
}

function common({ name, key, logging, logConfig }: JoinStoreOptions, config: Readonly<Record<string, string>>) {
  return {
    name,
    kind: 'internal' as const,
    keySerde: key,
    loggingEnabled: logging ?? true,
    logConfig: { ...config, ...logConfig },
  };
}
