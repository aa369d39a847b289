/** Writes docs/reference/settings.md from the settings as the services declare them; --check only tells whether it is current. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Setting, Settings } from '@guestbook/service-kit/config'
import { ConfigSchema as backend } from '../services/backend/src/config.ts'
import { ConfigSchema as frontend } from '../services/frontend/src/config.ts'

function row ([name, setting]: [string, Setting]): string {
  const { minimum, maximum, minLength } = setting
  const range =
    minimum !== undefined
      ? `, ${minimum} to ${maximum ?? 'any'}`
      : minLength && minLength > 1
        ? `, at least ${minLength} characters`
        : ''
  const type = setting.enum ? setting.enum.join(', ') : `${setting.type}${range}`
  const fallback =
    setting.default === undefined
      ? 'unset'
      : setting.default === ''
        ? 'empty'
        : `\`${String(setting.default)}\``
  return `| \`${name}\` | ${type} | ${fallback} | ${setting.description}${setting.secret ? ` Also as \`${name}_FILE\`.` : ''} |`
}

function table (title: string, settings: Settings): string {
  const rows = Object.entries(settings).map(row)
  return `## ${title}\n\n| variable | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const file = new URL('../docs/reference/settings.md', import.meta.url)
const document = `# Settings

Read from the environment at start. A wrong value stops the process with status 1 and a list of every setting that is
wrong. An empty value counts as unset. A secret may come from a file instead: \`NAME_FILE=/run/secrets/name\`.
Tracing is set by the [\`OTEL_*\` variables](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)
of the OpenTelemetry SDK; it is on when \`OTEL_EXPORTER_OTLP_ENDPOINT\` is set.

<!-- Generated from services/*/src/config.ts by \`make settings\`. -->

${table('Frontend', frontend)}
${table('Backend', backend)}`

if (!process.argv.includes('--check')) writeFileSync(file, document)
else if (readFileSync(file, 'utf8') !== document) {
  console.error('docs/reference/settings.md is stale: run `make settings` and commit the result.')
  process.exit(1)
}
