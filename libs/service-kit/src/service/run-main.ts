import { loadSettings } from '../settings/load-settings.ts';
import type { SettingsShape } from '../settings/setting.ts';
import { printSettings } from '../settings/describe-settings.ts';
import { sharedSettings } from '../settings/shared-settings.ts';
import { describeFailure, runProcess } from './run-process.ts';
import { runService } from './run-service.ts';
import type { ServiceDefinition } from './service-definition.ts';

/**
 * Runs a service as this process, which is all that a `main.ts` does: signals, exit code, a parent if there is one.
 * With `--print-config` it prints the settings, secrets hidden, and ends.
 */
export async function runMain<S extends SettingsShape, L = undefined>(
  definition: ServiceDefinition<S, L>,
): Promise<void> {
  const all = { ...sharedSettings, ...definition.settings };
  let closeTimeoutMs;
  try {
    const settings = loadSettings(all, process.env);
    if (process.argv.includes('--print-config')) {
      process.stdout.write(`${printSettings(all, settings)}\n`);
      return;
    }
    closeTimeoutMs = loadSettings(sharedSettings, process.env).SHUTDOWN_TIMEOUT_MS;
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = 1;
    return;
  }
  await runProcess(() => runService(definition), { closeTimeoutMs });
}
