/** Writes the pages of docs/reference that follow from the infrastructure. */
import { componentsTable, settingsTable } from '../infra/src/docs.ts'
import { generate, withGenerated } from './generated.ts'

const page = (name: string, source: string, table: string) => {
  const file = `docs/reference/${name}.md`
  return [file, withGenerated(file, source, 'infra-docs', table)]
}
generate(Object.fromEntries([
  page('deployment-settings', 'infra/src/config/schema.ts', settingsTable()),
  page('versions', 'infra/components.json', componentsTable())
]), 'infra-docs')
