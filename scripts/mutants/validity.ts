import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'
import type { Mutant } from './mutant.ts'

/** Finds the mutants that a compiler or an editor rejects. */
export class Validity {
  readonly #root: string
  readonly #services = new Map<string, TypeScriptProject>()

  /** @param root folder of an unchanged checkout with its packages */
  constructor (root: string) {
    this.#root = root
  }

  /** @param project folder of the tsconfig.json that must accept the mutant */
  accepts ({ file, text }: Mutant, project: string | undefined): boolean {
    if (file.endsWith('.ts')) {
      return !project || this.#projectOf(project).accepts(join(this.#root, file), text)
    }
    if (/\/templates\//.test(file)) return true
    if (/\.ya?ml$/.test(file)) {
      return parseAllDocuments(text).every(({ errors }) => errors.length === 0)
    }
    if (text.startsWith('#!/usr/bin/env bash') || text.startsWith('#!/bin/')) {
      return spawnSync('bash', ['-n'], { input: text }).status === 0
    }
    return true
  }

  #projectOf (folder: string): TypeScriptProject {
    const known = this.#services.get(folder) ?? new TypeScriptProject(join(this.#root, folder))
    this.#services.set(folder, known)
    return known
  }
}

/** The language service of a folder, in which one file at a time has another text. */
class TypeScriptProject {
  readonly #service: ts.LanguageService
  readonly #version = new Map<string, number>()
  #changed: { file: string; text: string } | undefined

  constructor (folder: string) {
    const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
    this.#service = ts.createLanguageService({
      ...ts.sys,
      getCompilationSettings: () => options,
      getScriptFileNames: () => fileNames,
      getScriptVersion: file => String(this.#version.get(file) ?? 0),
      getScriptSnapshot: file => {
        const text = this.#changed?.file === file ? this.#changed.text : ts.sys.readFile(file)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames
    })
  }

  accepts (file: string, text: string): boolean {
    this.#change(file, { file, text })
    const diagnostics = [
      ...this.#service.getSyntacticDiagnostics(file),
      ...this.#service.getSemanticDiagnostics(file)
    ]
    this.#change(file, undefined)
    return diagnostics.length === 0
  }

  #change (file: string, changed: { file: string; text: string } | undefined): void {
    this.#changed = changed
    this.#version.set(file, (this.#version.get(file) ?? 0) + 1)
  }
}
