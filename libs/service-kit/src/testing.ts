export { createTestIssuer } from './testing/test-issuer.ts';
export type { TestIssuer, TestTokenClaims } from './testing/test-issuer.ts';
export { testIdentity } from './testing/test-identity.ts';
export type { TestIdentity } from './testing/test-identity.ts';
