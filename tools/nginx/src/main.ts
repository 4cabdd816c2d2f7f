import { once } from 'node:events';
import { createServiceIdentity, loadSettings } from '@playhead/service-kit';
import { nginxPath, startEdge } from './edge.ts';
import { edgeSettings } from './edge-settings.ts';

const settings = loadSettings(edgeSettings, process.env);
const nginx = nginxPath();
if (nginx === undefined) throw new Error('there is no nginx on this machine; NGINX_PATH names one');
const edge = await startEdge({
  nginx,
  port: settings.EDGE_PORT,
  agentPort: settings.EDGE_AGENT_PORT,
  root: settings.EDGE_ROOT,
  directory: settings.EDGE_DIRECTORY,
  gatewayUrl: settings.EDGE_GATEWAY_URL,
  tenant: settings.EDGE_TENANT,
  token: () => settings.EDGE_SERVICE_TOKEN,
  tickets: createServiceIdentity('nginx', settings).tickets,
  keys: settings.ENFORCEMENT_WEBHOOK_KEYS,
  agentAway: settings.EDGE_AGENT_AWAY,
  evidenceMs: settings.EDGE_EVIDENCE_MS,
});
console.log(`nginx serves http://127.0.0.1:${settings.EDGE_PORT}/t/<ticket>/…; webhook ${edge.webhookUrl}`);
const end: unknown = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), edge.failed]);
await edge.close();
// Whoever supervises it starts it again.
if (end instanceof Error) throw end;
