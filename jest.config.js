// The same on every computer, and unlike UTC, so that a time shown in the computer's zone is noticed.
process.env.TZ = 'Pacific/Kiritimati'
// Bash warns of a locale that is not installed.
process.env.LC_ALL = 'C'
// Servers of tests are on this computer, whatever proxy the environment names.
process.env.NO_PROXY = process.env.no_proxy = 'localhost,127.0.0.1,::1'

/** One configuration for all workspaces; a path narrows it: `npm test -- services/backend`. */
export default {
  roots: ['<rootDir>/services', '<rootDir>/infra', '<rootDir>/system-tests', '<rootDir>/tests', '<rootDir>/scripts'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }]
  },
  injectGlobals: false,
  testTimeout: 30_000,
  // Two cores and a mongod, a browser or a service beside most suites: more workers would only make them wait.
  maxWorkers: 2,
  // Modules of a suite stay in its worker (vm modules are not collected): a new one is quicker than a full heap.
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
  collectCoverageFrom: ['services/*/src/**/*.ts', '!services/*/src/{server,main,openapi}.ts'],
  coverageReporters: ['text-summary', 'json-summary', 'lcov'],
  coverageThreshold: { global: { lines: 90 } }
}
