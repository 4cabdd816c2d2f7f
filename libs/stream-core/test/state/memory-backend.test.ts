import { MemoryBackend } from '../../src/runtime/storage/memory-backend.ts';
import { binaryKeysSuite } from './binary-keys-suite.ts';
import { storeSuite, type BackendUnderTest } from './store-suite.ts';
import { storedKindsSuite } from './stored-kinds-suite.ts';

const memory: BackendUnderTest = {
  name: 'memory',
  isDurable: false,
  open: () => Promise.resolve(new MemoryBackend()),
  clean: () => Promise.resolve(),
};
storeSuite(memory);
storedKindsSuite(memory);
binaryKeysSuite(memory);
