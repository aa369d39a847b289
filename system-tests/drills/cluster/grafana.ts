/** Patches the deployed Grafana: faster rules, receivers on this computer, an empty database. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'
import { alertingFiles, type AlertingFile } from '../../../alert-rules/generator/provisioning.ts'
import { until } from '../../lib/until.ts'
import { say } from '../drill.ts'
import type { Addresses, Engine } from '../engine.ts'
import { scaleFile } from '../scale.ts'
import { cluster, monitoring } from './namespaces.ts'

const NAMESPACE = 'monitoring'
/** Marks the patched Deployment, so that it is never saved as the original. */
const PATCHED = 'guestbook/patched-by-drills'
const EVALUATES_EVERY_SECONDS = 10
/** Time for scrapes, the kubelet's minute, starts of pods, and Grafana itself. */
const SLACK_SECONDS = 150

interface Metadata { name: string, annotations?: Record<string, string> }
export interface ConfigMap { metadata: Metadata, data: Record<string, string> }
interface Container {
  name: string
  env?: Array<{ name: string; value?: string }>
  volumeMounts?: Array<{ name: string; mountPath: string }>
}
export interface Deployment {
  metadata: Metadata
  spec: {
    template: {
      spec: {
        containers: Container[]
        volumes: Array<{ name: string } & Record<string, unknown>>
      }
    }
  }
}

/** An object without the fields that the cluster adds. */
export function withoutStatus<T extends { metadata: Metadata }> (object: T): T {
  const { status: _, ...rest } = object as T & { status?: unknown }
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    managedFields: _fields,
    ...metadata
  } = object.metadata as Metadata & Record<string, unknown>
  return { ...rest, metadata } as unknown as T
}

export const valueOf = ({ spec }: Deployment, name: string): string =>
  grafanaOf(spec.template.spec.containers).env?.find(variable => variable.name === name)?.value ??
  ''

function grafanaOf (containers: Container[]): Container {
  const grafana = containers.find(({ name }) => name === 'grafana')
  if (!grafana) throw new Error('The Deployment monitoring/grafana has no container "grafana".')
  return grafana
}

/** The Deployment with other variables, an empty database, and the folder /etc/drill. */
export function patched (original: Deployment, env: Record<string, string>): Deployment {
  const deployment = structuredClone(original)
  deployment.metadata.annotations = { ...deployment.metadata.annotations, [PATCHED]: 'true' }
  const pod = deployment.spec.template.spec
  const grafana = grafanaOf(pod.containers)
  grafana.env = [
    ...(grafana.env ?? []).filter(({ name }) => !(name in env)),
    ...Object.entries(env).map(([name, value]) => ({ name, value }))
  ]
  grafana.volumeMounts = [
    ...(grafana.volumeMounts ?? []),
    { name: 'drill', mountPath: '/etc/drill' }
  ]
  pod.volumes = [
    ...pod.volumes.map(volume =>
      volume.name === 'storage' ? { name: 'storage', emptyDir: {} } : volume
    ),
    { name: 'drill', configMap: { name: 'drill' } }
  ]
  return deployment
}

/**
 * The deployed files with shorter times and with the receivers that page.
 * @throws Error when the deployed rules differ from alert-rules/
 */
export function fasterRules (deployed: ConfigMap[]): ConfigMap[] {
  const files = alertingFiles()
  const isSame = (name: string, content: string) =>
    name.startsWith('notifications') || isDeepStrictEqual(parse(content), files[name])
  const names = deployed.flatMap(({ data }) => Object.keys(data))
  const different = [
    ...Object.keys(files).filter(name => !names.includes(name)),
    ...deployed
      .flatMap(({ data }) => Object.entries(data))
      .filter(([name, content]) => !isSame(name, content))
      .map(([name]) => name)
  ]
  if (different.length > 0) {
    throw new Error(
      `The deployed rules differ from alert-rules/: ${different.join(', ')}. ` +
        'Deploy them first: make up.'
    )
  }
  return deployed.map(configMap => ({
    ...configMap,
    data: Object.fromEntries(
      Object.keys(configMap.data).map(name => [
        name,
        stringify(scaleFile(files[name] as AlertingFile, EVALUATES_EVERY_SECONDS))
      ])
    )
  }))
}

export interface PatchedGrafana {
  engine: Engine
  addresses: Addresses
  restore: () => Promise<void>
}

/** `receivers`: where its messages go. The caller must call `restore`. */
export async function patchGrafana (
  receivers: Omit<Addresses, 'runbooks' | 'grafana'>
): Promise<PatchedGrafana> {
  const deployment = withoutStatus(await monitoring.getJson<Deployment>('deployment/grafana'))
  if (deployment.metadata.annotations?.[PATCHED]) {
    throw new Error(
      'A drill has patched Grafana already. If none is running, one was killed: ' +
        'restore the file that its output names with kubectl replace -f.'
    )
  }
  const configMaps = (
    await monitoring.getJson<{ items: ConfigMap[] }>('configmaps', '--selector=grafana_alert=1')
  ).items.map(withoutStatus)
  const faster = fasterRules(configMaps)
  const saved = `${mkdtempSync(`${tmpdir()}/guestbook-drill-`)}/originals.json`
  writeFileSync(
    saved,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...configMaps, deployment] })
  )
  say(`patching Grafana; if this is killed: kubectl replace -f ${saved}`)

  const certificate = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'drill', namespace: NAMESPACE },
    data: { 'pagerduty.crt': readFileSync(receivers.certificate, 'utf8') }
  }
  const rollOut = async () => { await monitoring.rolledOut('deployment/grafana') }
  const forward = await monitoring.forward('service/grafana', 80)
  const engine: Engine = {
    name: 'the deployed Grafana',
    slackSeconds: SLACK_SECONDS,
    settleSeconds: 0,
    hasDetails: true,
    evaluates: () => true,
    start: async () => {
      await monitoring.scale('deployment/grafana', 1)
      await rollOut()
    },
    stop: async () => { await monitoring.scale('deployment/grafana', 0) }
  }
  const restore = async () => {
    say('restoring Grafana')
    forward.close()
    // In this order its own database never stores the faster rules.
    await cluster.send('replace', ...configMaps)
    await cluster.send('replace', deployment)
    await cluster.send('delete', certificate)
    await rollOut()
  }
  try {
    await cluster.send('apply', certificate)
    await cluster.send(
      'replace',
      patched(deployment, {
        PAGERDUTY_INTEGRATION_KEY: receivers.integrationKey,
        PAGERDUTY_URL: receivers.pagerDuty,
        HEARTBEAT_URL: receivers.heartbeat,
        // Versions before 11.1 cannot configure PagerDuty's address.
        HTTPS_PROXY: receivers.proxy,
        SSL_CERT_FILE: '/etc/drill/pagerduty.crt'
      })
    )
    await rollOut()
    await cluster.send('replace', ...faster)
    const { version } = await until(
      'Grafana answers',
      async () =>
        await fetch(`${forward.url}/api/health`).then(
          async answer => (await answer.json()) as { version: string },
          () => undefined
        ),
      60_000
    )
    engine.name = `the deployed Grafana ${version}`
    engine.hasDetails = Number.parseInt(version) >= 10
  } catch (error) {
    await restore()
    throw error
  }
  return {
    engine,
    restore,
    addresses: {
      ...receivers,
      runbooks: valueOf(deployment, 'RUNBOOK_BASE_URL'),
      grafana: valueOf(deployment, 'GRAFANA_URL')
    }
  }
}
