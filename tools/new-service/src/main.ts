import { dirname } from 'node:path';
import { NewServiceError, readServiceName } from './service-names.ts';
import { writeService } from './write-service.ts';

const REPOSITORY = dirname(dirname(dirname(import.meta.dirname)));

try {
  const names = readServiceName(process.argv[2]);
  for (const file of writeService(names, REPOSITORY)) console.log(file);
  console.log(`
Next:
  npm install                                  links @playhead/${names.kebab} and puts it into package-lock.json
  npm test -- apps/${names.kebab}
  npx node apps/${names.kebab}/src/main.ts         beside a running npm start
Then give it a topology of its own, its topics and schemas in libs/event-schemas, and add it to tools/start/src/services.ts
and its settings to tools/start/src/all-settings.ts.`);
} catch (error) {
  if (!(error instanceof NewServiceError)) throw error;
  console.error(`${error.message}\nnpm run new:service -- NAME`);
  process.exitCode = 2;
}
