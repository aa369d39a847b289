/** Writes the tables of docs/reference that follow from the infrastructure. infra/test/docs.test.ts checks them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { tables, withTable } from '../infra/src/docs.ts'

for (const [name, table] of Object.entries(tables)) {
  const file = new URL(`../docs/reference/${name}`, import.meta.url)
  writeFileSync(file, withTable(readFileSync(file, 'utf8'), table))
}
