import { alterConfigsApi, ErrorCode } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { alterableTopic, alterEach, applyConfig, failEach } from './config-resources.ts';

/** Replaces all settings of topics. */
export const alterConfigs = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: alterConfigsApi,
    versions: [0, 1],
    handle: ({ resources, validateOnly }) => ({
      responses: alterEach(resources, (resource) => {
        const topic = alterableTopic(topics, resource);
        const config: Record<string, string> = {};
        for (const { name, value } of resource.configs) {
          if (value === null) throw new TopicError(ErrorCode.INVALID_REQUEST, `Null value not supported for : ${name}`);
          config[name] = value;
        }
        applyConfig(topics, topic.name, config, validateOnly);
      }),
    }),
    failed: ({ resources }, errorCode) => ({ responses: failEach(resources, errorCode) }),
  });
