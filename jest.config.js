// One time zone on all computers. It is not UTC, so that tests notice a local time.
process.env.TZ = 'Pacific/Kiritimati'
// Bash warns about a locale that is not installed.
process.env.LC_ALL = 'C'
// Tests reach their servers without the proxy of the environment.
process.env.NO_PROXY = process.env.no_proxy = 'localhost,127.0.0.1,::1'

/** One configuration for all workspaces; a path narrows it: `npm test -- services/backend`. */
export default {
  roots: ['services', 'infra', 'system-tests', 'tests', 'scripts'].map(path => `<rootDir>/${path}`),
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }]
  },
  injectGlobals: false,
  testTimeout: 30_000,
  // Most suites start a mongod, a browser or a service: more workers would wait for the CPU.
  maxWorkers: 2,
  // vm modules are never collected: a new worker is faster than a full heap.
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
  collectCoverageFrom: ['services/*/src/**/*.ts', '!services/*/src/{server,main,openapi}.ts'],
  coverageReporters: ['text-summary', 'json-summary', 'lcov'],
  coverageThreshold: { global: { lines: 90 } }
}
