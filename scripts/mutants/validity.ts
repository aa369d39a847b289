import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'
import type { Mutant } from './mutant.ts'

type TypeCheck = (file: string, text: string) => boolean
const typeChecks = new Map<string, TypeCheck>()

/**
 * Whether the compiler or the parser accepts a mutant.
 *
 * @param root folder of an unchanged checkout with its packages
 * @param project folder of the file's tsconfig.json
 */
export function isValid (root: string, { file, text }: Mutant, project = ''): boolean {
  if (file.endsWith('.ts')) {
    const folder = join(root, project)
    const check = typeChecks.get(folder) ?? typeCheckOf(folder)
    typeChecks.set(folder, check)
    return check(join(root, file), text)
  }
  if (/\/templates\//.test(file)) return true
  // JSON is YAML, too.
  if (/\.(ya?ml|json)$/.test(file)) {
    return parseAllDocuments(text).every(({ errors }) => errors.length === 0)
  }
  const isShell = /^#!\/(bin|usr\/bin\/env bash)/.test(text)
  return !isShell || spawnSync('bash', ['-n'], { input: text }).status === 0
}

/** Compiles a project in which one file has another text. Other files are parsed once. */
function typeCheckOf (folder: string): TypeCheck {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  const sources = new Map<string, ts.SourceFile | undefined>()
  let changed: { file: string, text: string } | undefined
  host.getSourceFile = (name, version, ...rest) => {
    if (name === changed?.file) return ts.createSourceFile(name, changed.text, version)
    if (!sources.has(name)) sources.set(name, getSourceFile(name, version, ...rest))
    return sources.get(name)
  }
  const unchanged = ts.createProgram(fileNames, options, host)
  return (file, text) => {
    changed = { file, text }
    const program = ts.createProgram(fileNames, options, host, unchanged)
    const source = program.getSourceFile(file)
    return program.getSyntacticDiagnostics(source).length === 0 &&
      program.getSemanticDiagnostics(source).length === 0
  }
}
