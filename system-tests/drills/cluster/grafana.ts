/** The deployed Grafana, lent to the drills: faster rules, its messages to the receivers here, its database set aside. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'
import { alertingFiles, type AlertingFile } from '../../../alert-rules/generator/provisioning.ts'
import { until } from '../../lib/until.ts'
import { say } from '../drill.ts'
import type { Addresses, Engine } from '../engine.ts'
import { scaleFile } from '../scale.ts'
import { Forward, getJson, kubectl, send } from './kubectl.ts'

const NAMESPACE = 'monitoring'
/** Set on what is lent, so that nobody takes it for the original. */
const LENT = 'guestbook/lent-to-drills'
const EVALUATES_EVERY_SECONDS = 10
/** Scrapes, what the kubelet adds up once a minute, pods that start, and what Grafana itself needs. */
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

/** An object as somebody would write it, without what the cluster says about it. */
export function asWritten<T extends { metadata: Metadata }> (object: T): T {
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

/** The Deployment with other variables, a database of its own, and the folder /etc/drill. */
export function lent (original: Deployment, env: Record<string, string>): Deployment {
  const deployment = structuredClone(original)
  deployment.metadata.annotations = { ...deployment.metadata.annotations, [LENT]: 'true' }
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

/** The deployed files, faster, and with the receivers that page. @throws Error when others are deployed than stand in alert-rules/ */
export function fasterRules (deployed: ConfigMap[]): ConfigMap[] {
  const files = alertingFiles()
  const isSame = (name: string, content: string) =>
    name.startsWith('notifications') || isDeepStrictEqual(parse(content), files[name])
  const names = deployed.flatMap(({ data }) => Object.keys(data))
  const others = [
    ...Object.keys(files).filter(name => !names.includes(name)),
    ...deployed
      .flatMap(({ data }) => Object.entries(data))
      .filter(([name, content]) => !isSame(name, content))
      .map(([name]) => name)
  ]
  if (others.length > 0) {
    throw new Error(
      `The cluster has not the rules of alert-rules/: ${others.join(', ')}. Deploy them first: make up.`
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

export interface LentGrafana { engine: Engine, addresses: Addresses, giveBack: () => Promise<void> }

/** `receivers`: where its messages go. Whatever happens, `giveBack` is to be called. */
export async function borrowGrafana (
  receivers: Omit<Addresses, 'runbooks' | 'grafana'>
): Promise<LentGrafana> {
  const here = ['--namespace', NAMESPACE]
  const deployment = asWritten(await getJson<Deployment>('deployment/grafana', ...here))
  if (deployment.metadata.annotations?.[LENT]) {
    throw new Error(
      'Grafana is lent to drills already. If none is running, one was killed: put back what it kept with kubectl replace -f, the file is named in its output.'
    )
  }
  const configMaps = (
    await getJson<{ items: ConfigMap[] }>('configmaps', '--selector=grafana_alert=1', ...here)
  ).items.map(asWritten)
  const faster = fasterRules(configMaps)
  const kept = `${mkdtempSync(`${tmpdir()}/guestbook-drill-`)}/originals.json`
  writeFileSync(
    kept,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...configMaps, deployment] })
  )
  say(`borrowing Grafana; if this is killed: kubectl replace -f ${kept}`)

  const certificate = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'drill', namespace: NAMESPACE },
    data: { 'pagerduty.crt': readFileSync(receivers.certificate, 'utf8') }
  }
  const rollOut = async () => {
    await kubectl('rollout', 'status', 'deployment/grafana', '--timeout=3m', ...here)
  }
  const forward = await Forward.open(NAMESPACE, 'service/grafana', 80)
  const engine: Engine = {
    name: 'the deployed Grafana',
    slackSeconds: SLACK_SECONDS,
    settleSeconds: 0,
    hasDetails: true,
    evaluates: () => true,
    start: async () => {
      await kubectl('scale', 'deployment/grafana', '--replicas=1', ...here)
      await rollOut()
    },
    stop: async () => {
      await kubectl('scale', 'deployment/grafana', '--replicas=0', ...here)
    }
  }
  const giveBack = async () => {
    say('giving Grafana back')
    forward.close()
    // In this order its own database never sees the faster rules.
    await send('replace', ...configMaps)
    await send('replace', deployment)
    await send('delete', certificate)
    await rollOut()
  }
  try {
    await send('apply', certificate)
    await send(
      'replace',
      lent(deployment, {
        PAGERDUTY_INTEGRATION_KEY: receivers.integrationKey,
        PAGERDUTY_URL: receivers.pagerDuty,
        HEARTBEAT_URL: receivers.heartbeat,
        // Versions before 11.1 know no other address than PagerDuty's own.
        HTTPS_PROXY: receivers.proxy,
        SSL_CERT_FILE: '/etc/drill/pagerduty.crt'
      })
    )
    await rollOut()
    await send('replace', ...faster)
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
    await giveBack()
    throw error
  }
  return {
    engine,
    giveBack,
    addresses: {
      ...receivers,
      runbooks: valueOf(deployment, 'RUNBOOK_BASE_URL'),
      grafana: valueOf(deployment, 'GRAFANA_URL')
    }
  }
}
