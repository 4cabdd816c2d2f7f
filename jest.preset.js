/** What every project's jest.config.js starts from: Node 24 runs the TypeScript itself, so nothing is transformed. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
