import { runMain } from '@playhead/service-kit';
import { enforcement } from './service.ts';

await runMain(enforcement());
