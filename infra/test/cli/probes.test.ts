/** What the doctor's probes make of what programs, files and sockets say. */
import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { EventEmitter } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  answer, EXISTING_CLUSTER, fakePrograms, print, REMOTE_STATE, STATE
} from './fake-programs.ts'

/** Files of the computer, by path; undefined where there is none. */
let files: Record<string, string | undefined>
/** Free blocks of 4096 bytes, by path. */
let blocks: Record<string, number>
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  existsSync: (path: string) => path in files ? files[path] !== undefined : fs.existsSync(path),
  readFileSync: (path: string, encoding: 'utf8') =>
    files[path] === undefined ? fs.readFileSync(path, encoding) : files[path],
  statfsSync: (path: string) => ({ bavail: blocks[path], bfree: 1e9, blocks: 1e9, bsize: 4096 })
}))
/** With what listening fails, if it does. */
let code: string | undefined
let listened: unknown[]
jest.unstable_mockModule('node:net', () => ({
  ...net,
  createServer: () => {
    const server = Object.assign(new EventEmitter(), {
      listen: (port: number, address: string, done: () => void) => {
        listened.push([address, port])
        if (code) server.emit('error', Object.assign(new Error(code), { code }))
        else done()
      },
      close: (done: () => void) => {
        listened.push('closed')
        done()
      }
    })
    return server
  }
}))
const { portTaken, probesOf, versionIn } = await import('../../cli/doctor/probes.ts')

beforeEach(() => { [files, blocks, code, listened] = [{}, {}, undefined, []] })
const fake = (programs: Record<string, string> = {}, settings = {}, env = {}) => {
  const found = fakePrograms(programs, settings, env)
  return { ...found, probes: probesOf(found.context) }
}

describe('a port', () => {
  test.each([
    ['is taken while a program listens', 'EADDRINUSE', true, []],
    ['is free where this user may not listen and Docker may', 'EACCES', false, []],
    ['is free where listening works, and is closed again', undefined, false, ['closed']]
  ])('%s', async (_, error, taken, after) => {
    code = error
    expect(await portTaken('127.0.0.1', 80)).toBe(taken)
    expect(listened).toEqual([['127.0.0.1', 80], ...after])
  })

  test('of an address that this computer does not have is a failure of its own', async () => {
    code = 'EADDRNOTAVAIL'
    await expect(portTaken('192.0.2.1', 80)).rejects.toThrow('EADDRNOTAVAIL')
  })
})

describe('Docker', () => {
  test.each<[string, string, unknown]>([
    ['answers', print('{"MemTotal": 8, "NCPU": 4, "Architecture": "arm64"}'),
      { memoryBytes: 8, cpus: 4, architecture: 'arm64' }],
    ['says why not', print('{"MemTotal": 0, "ServerErrors": ["no daemon", "nor that"]}'),
      'no daemon'],
    ['says nothing', print('{}'), 'not running'],
    ['fails', 'exit 1', 'not running']
  ])('%s', (_, docker, found) => {
    const { probes, calls } = fake({ docker })
    expect(probes.docker()).toEqual(found)
    expect(calls()).toEqual(['docker info --format {{json .}}'])
  })

  test.each<[string, string, object]>([
    ['one runs, two do not', print('running\nexited\npaused'), { running: 1, stopped: 2 }],
    ['there is none', '', { running: 0, stopped: 0 }],
    ['Docker does not answer', 'exit 1', { running: 0, stopped: 0 }]
  ])('counts the nodes of a cluster: %s', (_, docker, counts) => {
    const { probes, calls } = fake({ docker })
    expect(probes.clusterContainers('book')).toEqual(counts)
    expect(calls()).toEqual(
      ['docker ps --all --filter label=io.x-k8s.kind.cluster=book --format {{.State}}'])
  })
})

describe('a program', () => {
  const programs = {
    terraform: answer({ 'version -json': print('{ "terraform_version": "1.12.3" }') }),
    other: answer({ 'version -json': print('{ "terraform_version": "1.13.0" }') }),
    kubectl: answer({
      'version --client -o json': print('{ "clientVersion": { "gitVersion": "v1.34.4" } }')
    })
  }
  test.each<[string, string | undefined, object]>([
    ['terraform', '1.12.3', {}],
    ['terraform', '1.13.0', { TERRAFORM_BINARY_NAME: 'other' }],
    ['terraform', undefined, { TERRAFORM_BINARY_NAME: 'nothing-of-this-name' }],
    ['kubectl', '1.34.4', { TERRAFORM_BINARY_NAME: 'other' }],
    ['nothing-of-this-name', undefined, {}]
  ])('%s has the version %s with %j', (program, version, env) => {
    expect(fake(programs, {}, env).probes.version(program)).toBe(version)
  })
})

test('a limit of the kernel is a number where there is one', () => {
  files = { '/proc/sys/fs/inotify/max_user_instances': '128\n', '/proc/sys/fs/other': undefined }
  const { probes } = fake()
  expect(probes.kernel('fs.inotify.max_user_instances')).toBe(128)
  expect(probes.kernel('fs.other')).toBeUndefined()
})

test.each([
  ['Docker\'s', 2, 5, 8192], ['this folder\'s', 5, 2, 8192], ['this folder\'s', undefined, 3, 12288]
])('free is what %s disk has', (_, docker, folder, bytes) => {
  const { probes, infra } = fake()
  files['/var/lib/docker'] = docker === undefined ? undefined : ''
  blocks = { '/var/lib/docker': docker ?? 1, [infra]: folder }
  expect(probes.freeBytes()).toBe(bytes)
})

describe('the state has a cluster', () => {
  test.each<[string, boolean, string | undefined, object]>([
    ['when it holds one', true, STATE, {}],
    ['not when it is empty', false, '', {}],
    ['not when there is none', false, undefined, {}],
    ['when it is remote, where only Terraform could tell', true, undefined, REMOTE_STATE],
    ['not when it is remote and the cluster is another\'s', false, STATE,
      { ...REMOTE_STATE, ...EXISTING_CLUSTER }]
  ])('%s', (_, known, content, settings) => {
    const { probes, infra } = fake({}, settings)
    files[join(infra, 'state/dev/cluster.tfstate')] = content
    expect(probes.stateHasCluster()).toBe(known)
  })
})

test('a kubeconfig may be in the home folder', () => {
  files[join(homedir(), '.kube/mine')] = 'contexts: [{ name: here }]'
  expect(fake().probes.kubeContexts('~/.kube/mine')).toEqual(['here'])
})

test.each<[string, string | undefined, readonly string[] | undefined]>([
  ['by name', 'contexts: [{ name: here }, { name: there }]', ['here', 'there']],
  ['as none where it has none', 'apiVersion: v1', []],
  ['as none where it is empty', '', []],
  ['as unknown where it is missing', undefined, undefined]
])('contexts of a kubeconfig are found %s', (_, content, contexts) => {
  files['/etc/kube/config'] = content
  expect(fake().probes.kubeContexts('/etc/kube/config')).toEqual(contexts)
})

test.each([
  ['{"terraform_version": "1.11.4"}', '1.11.4'],
  ['{"clientVersion": {"gitVersion": "v1.34.4"}}', '1.34.4'],
  [undefined, undefined]
])('the version in %s is %s', (text, version) => {
  expect(versionIn(text)).toBe(version)
})
