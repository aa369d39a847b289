/**
 * `make charts`: writes values.schema.json and the README of each chart. For a service's chart also
 * the values that follow from the settings of the service, and their environment variables.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { parse } from 'yaml'
import { generate, replaceBetween, ROOT } from '../generated.ts'
import { SETTINGS } from '../settings.ts'
import { readmeOf } from './readme.ts'
import { schemaText, type SchemaSource } from './schema.ts'
import { schemasOf, templateOf, valuesOf } from './settings.ts'

const START = '# Generated from the settings of the service by `make charts`.'
const END = '# End of the generated settings.'

const schemaSource = (chart: string): SchemaSource =>
  parse(readFileSync(`${ROOT}charts/${chart}/values.schema.yaml`, 'utf8')) as SchemaSource

/** The generated files of a chart. */
function filesOf (chart: string): Record<string, string> {
  const folder = `charts/${chart}`
  const settings = SETTINGS[chart.replace('guestbook-', '')]
  if (!settings) {
    const values = readFileSync(`${ROOT}${folder}/values.yaml`, 'utf8')
    return {
      [`${folder}/values.schema.json`]: schemaText(chart, [schemaSource(chart)]),
      [`${folder}/README.md`]: readmeOf(chart, values)
    }
  }
  const values = replaceBetween(`${folder}/values.yaml`, START, END, valuesOf(settings))
  const schemas = [
    schemaSource('guestbook-service'), { properties: schemasOf(settings) }, schemaSource(chart)
  ]
  return {
    [`${folder}/values.yaml`]: values,
    [`${folder}/templates/_settings.tpl`]: templateOf(chart, settings),
    [`${folder}/values.schema.json`]: schemaText(chart, schemas),
    [`${folder}/README.md`]: readmeOf(chart, values)
  }
}

for (const file of globSync('charts/*/values.yaml', { cwd: ROOT })) {
  generate(filesOf(basename(dirname(file))), 'charts')
}
