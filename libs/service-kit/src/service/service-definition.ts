import type { KafkaStreams, SchemaSource, StreamsConfig, Topology } from '@playhead/stream-core';
import type { KafkaClientOptions } from '@playhead/stream-core/client';
import type { Router } from 'express';
import type { Registry } from 'prom-client';
import type { HealthChecks } from '../health/health-checks.ts';
import type { ServiceLogger } from '../logging/logger.ts';
import type { Environment } from '../settings/load-settings.ts';
import type { SettingsShape, SettingValues } from '../settings/setting.ts';
import type { SharedSettings } from '../settings/shared-settings.ts';
import type { ServiceIdentity } from '../tokens/service-identity.ts';

/** How an installation wants its topics (`TOPIC_…`); `createTopics` of event-schemas takes it. */
export interface TopicOptions {
  readonly prefix: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

/** A topic that a service needs: it is created when absent, and its partition count is checked. The catalogue's fit. */
export interface ServiceTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Kafka's topic configuration: `cleanup.policy`, `retention.ms`, … */
  readonly configs: Readonly<Record<string, string>>;
}

/** Where the schemas are, and whether this service may register its own. */
export interface SchemaRegistryAccess {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly autoRegister: boolean;
}

/** The values of the shared settings together with a service's own. */
export type ServiceSettings<S extends SettingsShape> = SettingValues<SharedSettings> & SettingValues<S>;

/** What a service is given to work with. */
export interface ServiceContext<S extends SettingsShape> {
  readonly name: string;
  readonly settings: ServiceSettings<S>;
  readonly logger: ServiceLogger;
  readonly metrics: Registry;
  /** Named conditions of `/health/ready`. */
  readonly health: HealthChecks;
  /** Verifier and signer of tokens and tickets, and this service's own token. */
  readonly identity: ServiceIdentity;
  readonly kafka: KafkaClientOptions;
  readonly schemaRegistry: SchemaRegistryAccess;
  readonly topicOptions: TopicOptions;
  /**
   * Creates the topics that do not exist and checks the others. Done before a service starts, unless it `startsWithoutKafka`: then it calls
   * this itself, as often as it takes. Rejects with `ServiceError` for a partition count, which no later try changes, and otherwise while Kafka does not answer.
   */
  prepareTopics(): Promise<void>;
  /** `update` is called before `/metrics` is read: for figures that are only worth knowing then. */
  onScrape(update: () => void): void;
}

interface CommonDefinition<S extends SettingsShape> {
  /** kebab-case; the application id of a topology. */
  readonly name: string;
  /** The service's own settings; the shared ones come by themselves. */
  readonly settings: S;
  /** Which of them is the admin port. */
  readonly adminPort: keyof S & string;
  /** The topics it reads and writes, from the catalogue. */
  topics(options: TopicOptions): readonly ServiceTopic[];
}

/** What the processors of a topology may ask of the application that runs it. */
export interface RunningTopology {
  /** True while every task of this instance has processed what stood in its inputs when it came. */
  isCaughtUp(): boolean;
}

/** A service that is a topology: `runService` builds its KafkaStreams. */
export interface TopologyService<S extends SettingsShape, L = undefined> extends CommonDefinition<S> {
  /** Pure: no environment, no clock, no network. `running` is for its processors, once they run. */
  topology(settings: ServiceSettings<S>, options: TopicOptions, running: RunningTopology): Topology;
  /** `exactly_once`: output, state and input offsets of a commit are one transaction, and readers see them with it. Default `at_least_once`. */
  readonly processingGuarantee?: StreamsConfig['processingGuarantee'];
  /** Where its Avro serdes find their schemas: `new SchemaRegistrySource(access)`. */
  schemas?(access: SchemaRegistryAccess): SchemaSource;
  /** The questions it answers, for callers in the same process. */
  lookups?(streams: KafkaStreams, context: ServiceContext<S>): L;
  /** The same over HTTP, mounted at `/internal/v1` of the admin port behind the service token. */
  routes?(streams: KafkaStreams, context: ServiceContext<S>, lookups: L): Router;
}

/** A service that has started: what a plain service's `start` gives back. */
export interface StartedPart<L> {
  /** Stops taking requests, finishes those under way. */
  close(): Promise<void>;
  readonly routes?: Router;
  readonly lookups?: L;
  /** Resolves to the error when the service fails while it runs. */
  readonly ended?: Promise<Error>;
}

/** A service that is no topology, such as the gateway. `start` resolves when it listens; readiness is `context.health`. */
export interface PlainService<S extends SettingsShape, L = undefined> extends CommonDefinition<S> {
  /** It has something to do while Kafka is away, and prepares its topics itself. */
  readonly startsWithoutKafka?: boolean;
  start(context: ServiceContext<S>): Promise<StartedPart<L>>;
}

/** What `runService` runs. */
export type ServiceDefinition<S extends SettingsShape, L = undefined> = TopologyService<S, L> | PlainService<S, L>;

/** What a composer or a test may replace. */
export interface ServiceOverrides {
  /** Default `process.env`. */
  readonly env?: Environment;
  readonly logger?: ServiceLogger;
  readonly metrics?: Registry;
}

/** A service that runs. */
export interface RunningService<L = undefined> {
  readonly name: string;
  readonly adminPort: number;
  /** Resolves when every check of `/health/ready` holds for the first time; rejects when the service fails before. */
  readonly ready: Promise<void>;
  /** Rejects never; resolves with the error when the service fails while running, with undefined after `close`. */
  readonly ended: Promise<Error | undefined>;
  /** The router of `/internal/v1`. */
  readonly routes: Router;
  readonly lookups: L;
  /** Ready off, finish, leave the group, close the ports. The second call waits for the first. */
  close(): Promise<void>;
}
