import { ErrorCode, incrementalAlterConfigsApi, type RequestOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { ConfigType, splitList, topicSettings } from '../storage/topic-config.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { alterableTopic, alterEach, applyConfig, failEach } from './config-resources.ts';

type Change = RequestOf<typeof incrementalAlterConfigsApi>['resources'][number]['configs'][number];

/** KIP-339. */
const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** Changes single settings of topics. */
export const incrementalAlterConfigs = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: incrementalAlterConfigsApi,
    versions: [0, 0],
    handle: ({ resources, validateOnly }) => ({
      responses: alterEach(resources, (resource) => {
        const topic = alterableTopic(topics, resource);
        if (new Set(resource.configs.map(({ name }) => name)).size < resource.configs.length)
          throw new TopicError(ErrorCode.INVALID_REQUEST, `A setting of '${topic.name}' is named twice in one request`);
        const config: Record<string, string> = { ...topic.config };
        for (const change of resource.configs) apply(config, change);
        applyConfig(topics, topic.name, config, validateOnly);
      }),
    }),
    failed: ({ resources }, errorCode) => ({ responses: failEach(resources, errorCode) }),
  });

function apply(config: Record<string, string>, { name, configOperation, value }: Change): void {
  if (configOperation === Operation.DELETE) {
    delete config[name];
    return;
  }
  if (value === null) throw new TopicError(ErrorCode.INVALID_REQUEST, `Null value not supported for : ${name}`);
  switch (configOperation) {
    case Operation.SET:
      config[name] = value;
      return;
    case Operation.APPEND:
      config[name] = [...new Set([...listOf(config, name), ...splitList(value)])].join(',');
      return;
    case Operation.SUBTRACT: {
      const taken = new Set(splitList(value));
      config[name] = listOf(config, name)
        .filter((part) => !taken.has(part))
        .join(',');
      return;
    }
    default:
      throw new TopicError(
        ErrorCode.INVALID_REQUEST,
        `Operation ${configOperation} of ${name} is unknown, known are 0 to 3`,
      );
  }
}

function listOf(config: Readonly<Record<string, string>>, name: string): readonly string[] {
  const setting = topicSettings.find((candidate) => candidate.name === name);
  if (setting?.type !== ConfigType.LIST)
    throw new TopicError(ErrorCode.INVALID_CONFIG, `${name} is no list to append to or subtract from`);
  return splitList(config[name] ?? setting.defaultValue);
}
