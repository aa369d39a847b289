/** Writes the tables of docs/infrastructure.md. A test of infra tells when they are not current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { withTables } from '../infra/src/docs.ts'

const file = new URL('../docs/infrastructure.md', import.meta.url)
writeFileSync(file, withTables(readFileSync(file, 'utf8')))
