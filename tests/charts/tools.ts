import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Output { status: number, stdout: string, stderr: string }

/** Runs a tool from .tools or the PATH. */
export async function run (tool: string, args: string[], input = ''): Promise<Output> {
  const child = spawn(tool, args, {
    cwd: ROOT,
    env: { PATH: `${ROOT}.tools/bin:${process.env.PATH}`, HOME: '/nonexistent' }
  })
  const output = { status: 0, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  child.stdin.on('error', () => {}).end(input)
  return await new Promise((resolve, reject) => {
    child.once('error', error => {
      reject(
        new Error(`${tool} cannot be run, scripts/install-go-tools brings it`, { cause: error })
      )
    })
    child.once('close', code => { resolve({ ...output, status: code ?? 1 }) })
  })
}
