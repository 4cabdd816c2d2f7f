import { ErrorCode } from '@playhead/kafka-protocol';
import { checkTopicSetting, type TopicConfig } from '../storage/topic-config.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { Topic, TopicStore } from '../storage/topic-store.ts';

/** The resource types of the configuration APIs that exist here. */
export const ResourceType = { TOPIC: 2, BROKER: 4 } as const;

/** A resource as requests name it. */
export interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** How a change of one resource went. */
export interface ResourceResult extends ConfigResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** The topic whose settings are to be changed. Throws {@link TopicError} for other resources: the broker's own settings are given when it starts. */
export function alterableTopic(topics: TopicStore, { resourceType, resourceName }: ConfigResource): Topic {
  if (resourceType !== ResourceType.TOPIC) {
    throw new TopicError(
      ErrorCode.INVALID_REQUEST,
      `Only topics (resource type ${ResourceType.TOPIC}) can be altered, got type ${resourceType}`,
    );
  }
  const topic = topics.get(resourceName);
  if (topic === undefined)
    throw new TopicError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Topic '${resourceName}' does not exist.`);
  return topic;
}

/** Checks settings and stores them, unless they are only to be checked. */
export function applyConfig(topics: TopicStore, topic: string, config: TopicConfig, validateOnly: boolean): void {
  for (const [name, value] of Object.entries(config)) {
    const problem = checkTopicSetting(name, value);
    if (problem !== null) throw new TopicError(ErrorCode.INVALID_CONFIG, problem);
  }
  if (!validateOnly) topics.setConfig(topic, config);
}

/** Changes each resource for itself and answers how it went. A resource that is named twice is refused. */
export function alterEach<R extends ConfigResource>(
  resources: readonly R[],
  alter: (resource: R) => void,
): ResourceResult[] {
  const counts = new Map<string, number>();
  const id = ({ resourceType, resourceName }: ConfigResource): string => `${resourceType}/${resourceName}`;
  for (const resource of resources) counts.set(id(resource), (counts.get(id(resource)) ?? 0) + 1);
  return resources.map((resource) => {
    const { resourceType, resourceName } = resource;
    try {
      if (counts.get(id(resource)) !== 1)
        throw new TopicError(ErrorCode.INVALID_REQUEST, `'${resourceName}' is named twice in one request`);
      alter(resource);
      return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName };
    } catch (error) {
      if (!(error instanceof TopicError)) throw error;
      return { errorCode: error.errorCode, errorMessage: error.message, resourceType, resourceName };
    }
  });
}

/** The answer that refuses every resource. */
export function failEach(resources: readonly ConfigResource[], errorCode: number): ResourceResult[] {
  return resources.map(({ resourceType, resourceName }) => ({
    errorCode,
    errorMessage: null,
    resourceType,
    resourceName,
  }));
}
