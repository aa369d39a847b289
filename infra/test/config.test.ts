import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, ConfigError, environments, readOverrides } from '../src/config/load.ts'

const problemsOf = (overrides: unknown, environment = 'dev'): string => {
  try {
    loadConfig(environment, overrides)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}

describe('the configuration', () => {
  test('is complete without a setting: a Kind cluster with all components', () => {
    expect(loadConfig('dev')).toMatchObject({
      environment: 'dev',
      target: {
        type: 'kind',
        clusterName: 'guestbook',
        ports: { listenAddress: '127.0.0.1', http: 80, https: 443, guestbook: 30002 }
      },
      profile: 'small',
      ingress: { controller: 'traefik' },
      monitoring: { prometheus: true, grafana: true, traces: true, logs: 'promtail' },
      mongodb: { mode: 'replicaSet', members: 1 },
      delivery: { mode: 'helm' },
      state: { backend: 'local' }
    })
  })

  test.each(environments)('of %s is valid', name => {
    expect(problemsOf({}, name)).toBe('no problem')
  })

  test('merges local.yaml into the environment, setting by setting', () => {
    expect(loadConfig('dev', { target: { ports: { http: 8080 } } }).target).toMatchObject({
      type: 'kind',
      ports: { http: 8080, https: 443 }
    })
  })

  test('discards the target where local.yaml chooses another type', () => {
    expect(loadConfig('prod', { target: { type: 'kind', workers: 3 } }).target).toMatchObject({
      type: 'kind',
      workers: 3
    })
  })

  test('reports all errors together', () => {
    expect(problemsOf({ profile: 'huge', replicas: 3 }).split('\n')).toHaveLength(3)
  })
})

describe('the file with local settings', () => {
  const withFile = (content: string, use: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'guestbook-config-'))
    try {
      writeFileSync(join(folder, 'local.yaml'), content)
      use(join(folder, 'local.yaml'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('may be missing, unless it was named', () => {
    expect(readOverrides('/nowhere/local.yaml', false)).toEqual({})
    expect(() => readOverrides('/nowhere/local.yaml', true)).toThrow(
      'GUESTBOOK_CONFIG is "/nowhere/local.yaml", but there is no such file'
    )
  })

  test('may be empty', () => {
    withFile('# nothing yet\n', path => expect(readOverrides(path, true)).toEqual({}))
  })

  test('is rejected when it is not YAML', () => {
    withFile('target: [', path =>
      expect(() => readOverrides(path, true)).toThrow(/local\.yaml is not YAML/)
    )
  })
})

test('an external MongoDB inherits no settings of the one in the cluster', () => {
  const mongodb = { mode: 'external', cidrs: ['10.1.0.0/16'] }
  expect(loadConfig('prod', { mongodb }).mongodb)
    .toEqual(mongodb)
})

test('lists are replaced, and undefined settings change nothing', () => {
  const { hosts } = loadConfig('prod', {
    hosts: { guestbook: ['new.example'], grafana: undefined }
  })
  expect(hosts).toEqual({
    guestbook: ['new.example'],
    grafana: 'grafana.guestbook.example',
    prometheus: 'prometheus.guestbook.example'
  })
})

test.each([['production'], [''], ['Prod']])('there is no environment %j', name => {
  expect(() => loadConfig(name)).toThrow(
    `Invalid configuration:\n  - ENVIRONMENT is "${name}", it can be dev, prod, staging`)
})
