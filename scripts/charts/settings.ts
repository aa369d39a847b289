/** The values of a service's chart that follow from the settings of the service. */
import { stringify } from 'yaml'
import type { ChartValue, Setting, Settings } from '@guestbook/service-kit/config'

/** Width of comments in values.yaml. */
const COLUMNS = 100

/** A setting that is a value of the chart. */
export interface ChartSetting extends Setting {
  /** Environment variable. */
  readonly name: string
  readonly chart: ChartValue
}

/** Their descriptions name values of the chart instead of variables. */
export function chartSettings (settings: Settings): ChartSetting[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    if (!setting.chart) return []
    const description = setting.description.replaceAll(
      /[A-Z]+(_[A-Z]+)+/g, variable => settings[variable]?.chart?.value ?? variable
    )
    return [{ ...setting, name, description, chart: setting.chart }]
  })
}

/** The default in values.yaml. A secret's value names a Kubernetes Secret instead of the secret. */
export function defaultOf ({ name, chart, secret, default: fallback = '' }: ChartSetting) {
  return secret
    ? { existingSecret: { name: '', key: name.toLowerCase().replaceAll('_', '-') } }
    : (chart.default ?? fallback)
}

/** Lines of values.yaml. */
export const valuesOf = (settings: Settings): string =>
  chartSettings(settings).map(setting => {
    const { chart, secret } = setting
    const fallback = defaultOf(setting)
    if (!secret) return `${comment(meaningOf(setting))}${stringify({ [chart.value]: fallback })}`
    const { existingSecret } = fallback as { existingSecret: { key: string } }
    return `${chart.value}:
  existingSecret:
${comment(`Name of the Secret. ${meaningOf(setting)}`, '    ')}    name: ""
${comment('Key in that Secret.', '    ')}    key: ${existingSecret.key}
`
  }).join('')

function meaningOf ({ description, chart, enum: choices, minimum, maximum }: ChartSetting): string {
  const range = maximum === undefined ? undefined : `${minimum} to ${maximum}.`
  const oneOf = choices && `One of ${choices.join(', ')}.`
  return [description, oneOf, range, chart.note].filter(Boolean).join(' ')
}

function comment (text: string, indent = ''): string {
  const lines = ['# --']
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`
    if (indent.length + line.length <= COLUMNS) lines[lines.length - 1] = line
    else lines.push(`# ${word}`)
  }
  return lines.map(line => `${indent}${line}\n`).join('')
}

/** Schemas of the values. */
export const schemasOf = (settings: Settings): Record<string, object> =>
  Object.fromEntries(
    chartSettings(settings).map(setting => [setting.chart.value, schemaOf(setting)])
  )

function schemaOf ({ secret, format, enum: choices, type, ...rules }: ChartSetting): object {
  if (secret) return { $ref: '#/definitions/optionalSecret' }
  if (format) return { $ref: `#/definitions/${format}` }
  if (choices) return { enum: choices }
  const { pattern, minLength, minimum, maximum } = rules
  return { type, pattern, minLength, minimum, maximum }
}

/** A template named CHART.settings: the container's environment variables. */
export const templateOf = (chart: string, settings: Settings): string =>
  `{{/* Generated from the settings of the service by \`make charts\`. */}}
{{- define "${chart}.settings" -}}
${chartSettings(settings).map(variableOf).join('')}{{- end -}}
`

function variableOf ({ name, type, secret, default: fallback, chart }: ChartSetting): string {
  const value = `.Values.${chart.value}`
  if (secret) {
    return `{{- with ${value}.existingSecret }}
{{- if .name }}
- name: ${name}
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
`
  }
  if (fallback === undefined) {
    return `{{- with ${value} }}\n- name: ${name}\n  value: {{ . | quote }}\n{{- end }}\n`
  }
  // Helm reads numbers as floats: without int64 a million would be 1e+06.
  const number = type === 'integer' ? ' | int64' : ''
  return `- name: ${name}\n  value: {{ ${value}${number} | quote }}\n`
}
