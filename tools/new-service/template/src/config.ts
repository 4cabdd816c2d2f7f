import { defineSettings, port } from '@playhead/service-kit';

/** The service's own settings. */
export const serviceNameSettings = defineSettings({
  SERVICE_NAME_ADMIN_PORT: port('Port of health, metrics and internal calls of service-name.', 65535),
});
