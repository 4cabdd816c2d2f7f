export default {
  projects: ['<rootDir>/libs/*', '<rootDir>/apps/*', '<rootDir>/tools/*'],
  coverageProvider: 'v8',
  // Only a test that hangs may meet its deadline: Jest's 5 s are not much for a test with servers on two busy cores.
  testTimeout: 60_000,
  // Modules of ES stay in a worker's memory after their test file: 1.5 GB at the end of a run, which Node needs longer to
  // give back than the 500 ms after which Jest says that a worker "failed to exit gracefully".
  workerIdleMemoryLimit: '512MB',
};
