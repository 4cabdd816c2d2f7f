import type { StartSettings } from './start-settings.ts';
import type { Addresses } from './start-playhead.ts';

/** What `npm start` prints when all is up. The ready line is its last one: programs wait for it. */
export function banner(addresses: Addresses, settings: StartSettings): string {
  const { gateway, gatewayAdmin, guardAdmin, brokers, registry } = addresses;
  const kafka = settings.KAFKA_BROKERS === undefined ? `${brokers} (development broker)` : brokers;
  const viewers = settings.SIMULATED_VIEWERS === 0 ? 'nobody' : `${settings.SIMULATED_VIEWERS} viewers`;
  const development = settings.KAFKA_BROKERS === undefined || settings.SCHEMA_REGISTRY_URL === undefined;
  return [
    ...(development ? ['Playhead with its development broker: for trying out and for tests, not for production.'] : []),
    `  page             ${gateway}`,
    `  API              ${gateway}/docs`,
    `  metrics, health  ${gatewayAdmin}/metrics, ${guardAdmin}/health/ready`,
    `  Kafka            ${kafka}`,
    `  schema registry  ${registry}`,
    `  data directory   ${settings.PLAYHEAD_DATA_DIR}`,
    `  simulated        ${viewers} (SIMULATED_VIEWERS)`,
    `Playhead is ready at ${gateway}`,
  ].join('\n');
}
