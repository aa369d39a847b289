import { services } from '../services.ts'
import { givenImage, replicasOf, type Config } from './schema.ts'

/** Settings that are right one by one and cannot be together: what is wrong, and what to do. */
export function crossFieldErrors (config: Config): string[] {
  const { target, images, mongodb, guestbook, delivery, state, monitoring, mirrors, alerts } =
    config
  const names = services.map(({ name }) => name).join(' and ')
  const wrong: string[] = []
  const refuse = (when: boolean, because: string) => { if (when) wrong.push(because) }

  refuse(
    target.type === 'context' && !images.repository,
    'target.type is "context", and a cluster elsewhere cannot see images of this computer: set images.repository to a registry that it can pull from'
  )
  refuse(
    !images.build && target.type === 'kind' && !images.repository,
    'images.build is false, and without images.repository nobody brings the images: set one of them'
  )
  refuse(
    !images.build &&
      !services.every(({ name }) => givenImage(images, name)) &&
      !!images.repository,
    `images.build is false: set images.tags or images.digests of ${names} to what is in the repository`
  )
  refuse(
    images.build && Object.values(images.digests).some(Boolean),
    'images.digests are those of images in the repository, and what a deployment builds gets others: set images.build to false'
  )
  if (target.type === 'kind') {
    const { http, https, guestbook: direct } = target.ports
    refuse(
      new Set([http, https, direct]).size < 3,
      `target.ports are ${http}, ${https} and ${direct}: each needs a port of its own`
    )
    const nodes = Math.max(target.workers, 1) // the control plane takes pods only while it is alone
    refuse(
      mongodb.mode === 'replicaSet' && mongodb.members > nodes,
      `mongodb.members is ${mongodb.mode === 'replicaSet' && mongodb.members}, but ${nodes === 1 ? 'only 1 node takes' : `only ${nodes} nodes take`} pods: losing one could lose the majority. Set target.workers to as many, or fewer members`
    )
  }
  refuse(
    guestbook.autoscaling && services.some(({ name }) => replicasOf(config, name) > 12),
    'guestbook.autoscaling goes up to four times the replicas: 12 at most'
  )
  refuse(
    delivery.mode === 'argocd' && !images.repository,
    'delivery.mode is "argocd": Git names the images, so set images.repository to the registry that they are pushed to'
  )
  refuse(
    state.backend === 'local' && Object.keys(state.settings).length > 0,
    'state.settings belong to a remote state.backend, and it is "local"'
  )
  refuse(
    state.backend !== 'local' && Object.keys(state.settings).length === 0,
    `state.backend is "${state.backend}": state.settings must say where it is`
  )
  refuse(
    state.backend === 'http' && Object.keys(state.settings).length > 0 && !state.settings.address,
    'state.backend is "http": state.settings.address must be the URL under which the states are'
  )
  for (const name of Object.keys(state.settings)) {
    refuse(
      /password|secret|token|access_key|conn_str|credentials/.test(name),
      `state.settings.${name} would be a credential in a file: give it to Terraform by the backend's environment variable`
    )
  }
  refuse(
    mirrors.preload.length > 0 && target.type !== 'kind',
    'mirrors.preload is for Kind nodes, and target.type is "context"'
  )
  refuse(!monitoring.prometheus && (monitoring.grafana || monitoring.traces),
    'monitoring.grafana and monitoring.traces need monitoring.prometheus, which is off')
  refuse(
    !monitoring.grafana && !!alerts.pagerdutyUrl,
    'alerts.pagerdutyUrl needs monitoring.grafana, which is off'
  )
  return wrong
}
