/**
 * `make slo` writes the files that follow from rules.yml, slo.yml and generator/dashboards. With
 * --check it only names the stale ones.
 */
import { generate } from '../../scripts/generated.ts'
import { generatedFiles } from './files.ts'

generate(generatedFiles(), 'slo')
