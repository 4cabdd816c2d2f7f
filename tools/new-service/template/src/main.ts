import { runMain } from '@playhead/service-kit';
import { serviceNameService } from './service.ts';

await runMain(serviceNameService());
