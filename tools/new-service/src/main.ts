import { dirname } from 'node:path';
import { ALLOWED_NAMES, NewServiceError, readServiceName } from './service-names.ts';
import { writeService } from './write-service.ts';

const REPOSITORY = dirname(dirname(dirname(import.meta.dirname)));

const USAGE = 'npm run new:service -- NAME';
const HELP = `${USAGE}
Writes apps/NAME from the template: settings, topology, questions, service, main and tests, with the next free admin port.
NAME: ${ALLOWED_NAMES}, such as audience-share.`;

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(HELP);
  else writeNamed(args[0]);
} catch (error) {
  if (!(error instanceof NewServiceError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}

function writeNamed(name: string | undefined): void {
  const names = readServiceName(name);
  for (const file of writeService(names, REPOSITORY)) console.log(file);
  console.log(`
Next:
  npm install                                  links @playhead/${names.kebab} and puts it into package-lock.json
  npm test -- apps/${names.kebab}
  npx node apps/${names.kebab}/src/main.ts         beside a running npm start
Then give it a topology of its own, its topics and schemas in libs/event-schemas, and add it to tools/start/src/services.ts
and its settings to tools/start/src/all-settings.ts.`);
}
