import { MemoryBackend } from '../../src/runtime/storage/memory-backend.ts';
import type { BackendUnderTest } from './backend-scene.ts';
import { binaryKeysSuite } from './binary-keys-suite.ts';
import { storeSuite } from './store-suite.ts';
import { storedKindsSuite } from './stored-kinds-suite.ts';
import { timedStoresSuite } from './timed-stores-suite.ts';

const memory: BackendUnderTest = {
  name: 'memory',
  isDurable: false,
  open: () => Promise.resolve(new MemoryBackend()),
  clean: () => Promise.resolve(),
};
storeSuite(memory);
timedStoresSuite(memory);
storedKindsSuite(memory);
binaryKeysSuite(memory);
