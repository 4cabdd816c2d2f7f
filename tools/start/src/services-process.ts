import { runProcess } from '@playhead/service-kit';
import { checkAllSettings } from './all-settings.ts';
import { completeEnvironment } from './environment-message.ts';
import { startServices } from './services.ts';

/** Left of what the parent allows when the services take all they may. */
const MARGIN_MS = 200;

const closeTimeoutMs = Number(process.env['SHUTDOWN_TIMEOUT_MS'] ?? 10_000) - MARGIN_MS;
await runProcess(
  async () => {
    const misspelt = checkAllSettings(process.env);
    for (const { name, message } of misspelt) console.error(`${name}: ${message}`);
    const env = { ...(await completeEnvironment()) };
    // They have been told of; a service would again.
    for (const { name } of misspelt) delete env[name];
    return startServices(env);
  },
  { closeTimeoutMs, orphaned: 'exit' },
);
