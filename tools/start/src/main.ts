import { parseArgs } from 'node:util';
import { describeFailure } from '@playhead/service-kit/process';
import { banner } from './banner.ts';
import { checkPorts } from './check-ports.ts';
import { ChildError } from './child.ts';
import { Family } from './family.ts';
import { startPlayhead } from './start-playhead.ts';
import { loadStartSettings, startSettings } from './start-settings.ts';
import type { StartSettings } from './start-settings.ts';
import { stopRequest } from './stop-request.ts';

/** `npm start`: the parent of all processes. It alone handles signals and decides when to end. */
const family = new Family();

async function run(): Promise<void> {
  const stopped = stopRequest(() => family.kill());
  const settings = await readSettings();
  if (!(await checkPorts(settings, stopped))) return;
  const started = startPlayhead(family, settings, process.env).then((addresses) => {
    console.log(banner(addresses, settings));
    return family.keepAlive((message) => console.error(message));
  });
  await Promise.race([started, stopped]);
}

/** With anything wrong, what is wrong with the settings of the services is said too: they are loaded only then, since that takes time. */
async function readSettings(): Promise<StartSettings> {
  try {
    return loadStartSettings(process.env);
  } catch (error) {
    const { checkAllSettings } = await import('./all-settings.ts');
    checkAllSettings(process.env);
    throw error;
  }
}

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, 'describe-settings': { type: 'boolean' } } });
  if (values.help === true) {
    const { describeSettings } = await import('@playhead/service-kit/process');
    console.log(`npm start: broker, schema registry, gateway, services and simulated viewers; Ctrl-C stops them all.

Settings, from the environment (those of each service: README.md):

${describeSettings(startSettings)}`);
  } else if (values['describe-settings'] === true) {
    const { describeAllSettings } = await import('./describe-all-settings.ts');
    console.log(describeAllSettings());
  } else {
    await run();
  }
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(error instanceof ChildError || isUsage ? error.message : describeFailure(error));
  process.exitCode = isUsage ? 2 : 1;
}
await family.stop();
process.exit();
