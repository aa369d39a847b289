/**
 * `make slo` writes the files that follow from alert-rules/rules.yml, alert-rules/slo.yml and
 * dashboards/. With --check it only names the stale ones.
 */
import { generate } from '../../scripts/generated.ts'
import { generatedFiles } from './files.ts'

generate(generatedFiles(), 'slo')
