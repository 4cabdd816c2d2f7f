import { runMain } from '@playhead/service-kit';
import { gatewayService } from './service.ts';

await runMain(gatewayService());
