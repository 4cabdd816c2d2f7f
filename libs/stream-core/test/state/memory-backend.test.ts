import { MemoryBackend } from '../../src/runtime/storage/memory-backend.ts';
import { storeSuite } from './store-suite.ts';

storeSuite({
  name: 'memory',
  isDurable: false,
  open: () => Promise.resolve(new MemoryBackend()),
  clean: () => Promise.resolve(),
});
