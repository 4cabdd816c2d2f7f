import { runMain } from '@playhead/service-kit';
import { serviceName } from './service.ts';

await runMain(serviceName());
