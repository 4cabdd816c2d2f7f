export { unreadableWriters } from './testing/evolution.ts';
export { InMemorySchemas } from './testing/in-memory-schemas.ts';
export { renderTypes, sourcePieces } from './testing/render-types.ts';
