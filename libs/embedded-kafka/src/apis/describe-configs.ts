import { describeConfigsApi, ErrorCode, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { ConfigType, splitList, topicSettings, type TopicSetting } from '../storage/topic-config.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { ResourceType } from './config-resources.ts';

type Resource = RequestOf<typeof describeConfigsApi>['resources'][number];
type Result = ResponseInputOf<typeof describeConfigsApi>['results'][number];
type Config = Result['configs'][number];

/** Where a value comes from, in the protocol's numbers. */
const ConfigSource = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 } as const;

/** A setting of the broker as clients see it, by Kafka's name. */
export interface BrokerSetting {
  readonly name: string;
  readonly value: string;
}

/** What DescribeConfigs needs of the broker. */
export interface DescribeConfigsOptions {
  readonly topics: TopicStore;
  readonly nodeId: number;
  readonly brokerSettings: readonly BrokerSetting[];
}

/** Settings of topics with their defaults, and the broker's own, which cannot be altered. */
export const describeConfigs = ({ topics, nodeId, brokerSettings }: DescribeConfigsOptions): AnyApiHandler => {
  const describeTopic = (resource: Resource, withSynonyms: boolean): Result => {
    const topic = topics.get(resource.resourceName);
    if (topic === undefined)
      return failed(resource, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Topic '${resource.resourceName}' does not exist.`);
    const configs = topicSettings.map((setting) => topicSetting(setting, topic.config[setting.name], withSynonyms));
    return succeeded(resource, configs);
  };

  const describeBroker = (resource: Resource): Result => {
    const { resourceName } = resource;
    if (resourceName !== '' && resourceName !== String(nodeId)) {
      return failed(
        resource,
        ErrorCode.INVALID_REQUEST,
        `Unexpected broker id, expected ${nodeId}, but received ${resourceName}`,
      );
    }
    const configs = brokerSettings.map(({ name, value }): Config => {
      return {
        name,
        value,
        readOnly: true,
        configSource: ConfigSource.STATIC_BROKER,
        isSensitive: false,
        configType: ConfigType.STRING,
      };
    });
    return succeeded(resource, configs);
  };

  return defineHandler({
    api: describeConfigsApi,
    versions: [1, 2],
    handle: ({ resources, includeSynonyms }) => ({
      results: resources.map((resource) => {
        if (resource.resourceType === ResourceType.TOPIC) return describeTopic(resource, includeSynonyms);
        if (resource.resourceType === ResourceType.BROKER) return describeBroker(resource);
        return failed(resource, ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${resource.resourceType}`);
      }),
    }),
    failed: ({ resources }, errorCode) => ({ results: resources.map((resource) => failed(resource, errorCode, null)) }),
  });
};

function topicSetting(setting: TopicSetting, given: string | undefined, withSynonyms: boolean): Config {
  const { name, type, defaultValue, documentation } = setting;
  const value = type === ConfigType.LIST && given !== undefined ? splitList(given).join(',') : given;
  const fallback = { name, value: defaultValue, source: ConfigSource.DEFAULT };
  const synonyms = value === undefined ? [fallback] : [{ name, value, source: ConfigSource.TOPIC }, fallback];
  return {
    name,
    value: value ?? defaultValue,
    readOnly: false,
    configSource: value === undefined ? ConfigSource.DEFAULT : ConfigSource.TOPIC,
    isSensitive: false,
    synonyms: withSynonyms ? synonyms : [],
    configType: type,
    documentation,
  };
}

function succeeded({ resourceType, resourceName, configurationKeys }: Resource, configs: readonly Config[]): Result {
  const everything = configurationKeys === null || configurationKeys.length === 0;
  const wanted = everything ? configs : configs.filter(({ name }) => configurationKeys.includes(name));
  return { errorCode: ErrorCode.NONE, resourceType, resourceName, configs: wanted };
}

function failed({ resourceType, resourceName }: Resource, errorCode: number, errorMessage: string | null): Result {
  return { errorCode, errorMessage, resourceType, resourceName, configs: [] };
}
