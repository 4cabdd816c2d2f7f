export default {
  projects: ['<rootDir>/libs/*', '<rootDir>/apps/*', '<rootDir>/tools/*'],
  coverageProvider: 'v8',
  // Only a test that hangs may meet its deadline: Jest's 5 s are not much for a test with servers on two busy cores.
  testTimeout: 60_000,
};
