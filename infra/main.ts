/** The CDKTF app: reads the configuration and writes the Terraform files. */
import { fileURLToPath } from 'node:url'
import { buildApp } from './src/app.ts'
import { loadConfig, ConfigError, readOverrides } from './src/config/load.ts'
import { prepareState } from './src/prepare.ts'
import { serviceImages } from './src/service-images.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

try {
  const { ENVIRONMENT, GUESTBOOK_CONFIG } = process.env
  const config = loadConfig(
    ENVIRONMENT || 'dev',
    readOverrides(GUESTBOOK_CONFIG || here('local.yaml'), !!GUESTBOOK_CONFIG)
  )
  prepareState(config, here('.'))
  buildApp(config, { images: serviceImages(config, here('..')) }).synth()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
