import { runProcess } from '@playhead/service-kit';
import { completeEnvironment } from './environment-message.ts';
import { startServices } from './services.ts';

/** Left of what the parent allows when the services take all they may. */
const MARGIN_MS = 200;

const closeTimeoutMs = Number(process.env['SHUTDOWN_TIMEOUT_MS'] ?? 10_000) - MARGIN_MS;
await runProcess(async () => startServices(await completeEnvironment()), { closeTimeoutMs });
