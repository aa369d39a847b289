import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { ROOT } from '../lib/paths.ts'
import { installPython } from '../lib/python.ts'

const REQUIREMENTS = `${ROOT}system-tests/fuzz/requirements.txt`
const FOLDER = `${ROOT}.tools/schemathesis`

/**
 * Installs schemathesis with its pinned libraries into .tools, again only when their list has
 * changed. Resolves to the path of the program.
 */
export async function installSchemathesis (say: (line: string) => void): Promise<string> {
  const pins = readFileSync(REQUIREMENTS, 'utf8')
  const stamp = `${FOLDER}/.installed`
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== pins) {
    say('installing schemathesis (some 30 s)')
    rmSync(FOLDER, { recursive: true, force: true })
    mkdirSync(FOLDER, { recursive: true })
    await installPython(FOLDER, REQUIREMENTS)
    writeFileSync(stamp, pins)
  }
  return `${FOLDER}/bin/schemathesis`
}
