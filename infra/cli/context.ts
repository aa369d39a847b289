import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { loadConfig, expandHome, readOverrides } from '../src/config/load.ts'
import type { Config } from '../src/config/schema.ts'

/** What every command starts from. */
export interface Context {
  readonly config: Config
  /** The folder `infra`. */
  readonly infra: string
  /** Environment of the programs that commands run. */
  readonly env: NodeJS.ProcessEnv
  readonly kubeconfig: string
  /** Context in that kubeconfig. */
  readonly kubeContext: string
}

/** @throws ConfigError when the configuration is invalid */
export function context (infra: string, env: NodeJS.ProcessEnv): Context {
  const file = env.GUESTBOOK_CONFIG ? resolve(env.GUESTBOOK_CONFIG) : undefined
  const config = loadConfig(
    env.ENVIRONMENT || 'dev',
    readOverrides(file ?? join(infra, 'local.yaml'), file !== undefined)
  )
  return {
    config,
    infra,
    env: { ...childEnvironment(env), ...(file && { GUESTBOOK_CONFIG: file }) },
    kubeconfig:
      config.target.type === 'kind'
        ? join(infra, 'state', config.environment, 'kubeconfig')
        : expandHome(config.target.kubeconfig),
    kubeContext:
      config.target.type === 'kind' ? `kind-${config.target.clusterName}` : config.target.context
  }
}

/**
 * The environment of Terraform, its providers and Docker. DOCKER_HOST is the engine of the current
 * Docker context, and the PagerDuty key becomes the Terraform variable.
 */
export function childEnvironment (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { stdout } = spawnSync(
    'docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'],
    { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }
  )
  const key = env.PAGERDUTY_INTEGRATION_KEY
  return {
    ...env,
    ...(stdout?.trim() && { DOCKER_HOST: stdout.trim() }),
    ...(key && { TF_VAR_pagerduty_integration_key: key }),
    CHECKPOINT_DISABLE: '1'
  }
}
