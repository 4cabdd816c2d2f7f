export { RawClient } from '../../src/testing/raw-client.ts';
