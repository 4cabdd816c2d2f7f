import {
  defineSettings,
  durationMs,
  oneOf,
  parseSecretKeys,
  port,
  secret,
  sharedSettings,
  string,
  url,
} from '@playhead/service-kit';
import type { SecretKey } from '@playhead/service-kit';

/** The settings of `npm run nginx`. */
export const edgeSettings = defineSettings({
  ...sharedSettings,
  EDGE_PORT: port('Port of nginx.', 8088),
  EDGE_AGENT_PORT: port('Port of its agent: auth_request and the enforcement webhook.', 8089),
  EDGE_ROOT: string('Folder of the media; absolute.'),
  EDGE_DIRECTORY: string("Folder of nginx's files, of its log and of the revocation list; absolute."),
  EDGE_GATEWAY_URL: url('Where evidence goes.', 'http://127.0.0.1:8080'),
  EDGE_TENANT: string('Tenant whose streams are served: that of EDGE_SERVICE_TOKEN. Tickets of others are refused.'),
  EDGE_SERVICE_TOKEN: secret('Token of role service.'),
  EDGE_AGENT_AWAY: oneOf(
    'What nginx serves while its agent does not answer: closed, nothing (503); open, everything to whoever asks.',
    ['closed', 'open'] as const,
    'closed',
  ),
  EDGE_EVIDENCE_MS: durationMs('Least time between two pieces of evidence of a session.', 5_000, { min: 0 }),
  ENFORCEMENT_WEBHOOK_KEYS: secret<readonly SecretKey[]>(
    'Keys of the enforcement service.',
    undefined,
    'kid:base64url pairs separated by commas, 32 bytes or more each',
    parseSecretKeys,
  ),
});
