import { serdes, stores } from '@playhead/stream-core';
import { versionedStoreSuite } from './versioned-store-suite.ts';

const codec = (part: 'key' | 'value') => serdes.string.open({ topic: 'changelog', part });

versionedStoreSuite('the store in memory', (historyMs) =>
  stores
    .versionedKeyValue({ name: 'v', key: serdes.string, value: serdes.string, historyMs })
    .build({ key: codec('key'), value: codec('value') }),
);
