import { runMain } from '@playhead/service-kit';
import { concurrencyGuard } from './service.ts';

await runMain(concurrencyGuard());
