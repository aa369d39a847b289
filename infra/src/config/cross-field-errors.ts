import { services } from '../services.ts'
import { givenImage, replicasOf, type Config } from './schema.ts'

/** Errors of settings that are valid separately but not together, each with what to do. */
export function crossFieldErrors (config: Config): string[] {
  const { target, images, mongodb, guestbook, delivery, state, monitoring, mirrors, alerts } =
    config
  const names = services.map(({ name }) => name).join(' and ')
  const errors: string[] = []
  const reject = (when: boolean, error: string) => { if (when) errors.push(error) }

  reject(
    target.type === 'context' && !images.repository,
    'target.type is "context", and an existing cluster cannot pull images of this computer: ' +
      'set images.repository to a registry that it can pull from'
  )
  reject(
    !images.build && target.type === 'kind' && !images.repository,
    'images.build is false, and without images.repository there are no images: set one of them'
  )
  reject(
    !images.build &&
      !services.every(({ name }) => givenImage(images, name)) &&
      !!images.repository,
    `images.build is false: set images.tags or images.digests of ${names} to those in the ` +
      'repository'
  )
  reject(
    images.build && Object.values(images.digests).some(Boolean),
    'images.digests name images in the repository, but a deployment builds new ones: set ' +
      'images.build to false'
  )
  if (target.type === 'kind') {
    const { http, https, guestbook: direct } = target.ports
    reject(
      new Set([http, https, direct]).size < 3,
      `target.ports are ${http}, ${https} and ${direct}: each needs a different port`
    )
    const nodes = Math.max(target.workers, 1) // the control plane runs pods only without workers
    reject(
      mongodb.mode === 'replicaSet' && mongodb.members > nodes,
      `mongodb.members is ${mongodb.mode === 'replicaSet' && mongodb.members}, but only ` +
        `${nodes} node${nodes === 1 ? ' runs' : 's run'} pods: the loss of one could lose the ` +
        'majority. Set target.workers to the number of members, or fewer members'
    )
  }
  reject(
    guestbook.autoscaling && services.some(({ name }) => replicasOf(config, name) > 12),
    'guestbook.autoscaling scales to four times the replicas: set 12 or fewer'
  )
  reject(
    delivery.mode === 'argocd' && !images.repository,
    'delivery.mode is "argocd", and files in Git name the images: set images.repository to the ' +
      'registry that they are pushed to'
  )
  reject(
    state.backend === 'local' && Object.keys(state.settings).length > 0,
    'state.settings are for a remote state.backend, and it is "local"'
  )
  reject(
    state.backend !== 'local' && Object.keys(state.settings).length === 0,
    `state.backend is "${state.backend}": set its location in state.settings`
  )
  reject(
    state.backend === 'http' && Object.keys(state.settings).length > 0 && !state.settings.address,
    'state.backend is "http": set state.settings.address to the URL of the states'
  )
  for (const name of Object.keys(state.settings)) {
    reject(
      /password|secret|token|access_key|conn_str|credentials/.test(name),
      `state.settings.${name} would be a credential in a file: set the backend's environment ` +
        'variable instead'
    )
  }
  reject(
    mirrors.preload.length > 0 && target.type !== 'kind',
    'mirrors.preload is for Kind nodes, and target.type is "context"'
  )
  reject(!monitoring.prometheus && (monitoring.grafana || monitoring.traces),
    'monitoring.grafana and monitoring.traces need monitoring.prometheus, which is off')
  reject(
    !monitoring.grafana && !!alerts.pagerdutyUrl,
    'alerts.pagerdutyUrl needs monitoring.grafana, which is off'
  )
  return errors
}
