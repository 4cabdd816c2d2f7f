import { createTopics, deadLetterTopic, SchemaRegistrySource } from '@playhead/event-schemas';
import type { TopologyService } from '@playhead/service-kit';
import { serviceNameSettings } from './config.ts';
import { routes } from './http.ts';
import { buildTopology } from './topology.ts';

/** The service, as `main.ts` runs it and tools/start can compose it. */
export const serviceNameService = (): TopologyService<typeof serviceNameSettings> => ({
  name: 'service-name',
  settings: serviceNameSettings,
  adminPort: 'SERVICE_NAME_ADMIN_PORT',
  topics: (options) => {
    const { heartbeats } = createTopics(options);
    return [heartbeats, deadLetterTopic(heartbeats)];
  },
  topology: (_settings, options) => buildTopology({ topics: createTopics(options) }),
  schemas: (access) => new SchemaRegistrySource(access),
  routes,
});
