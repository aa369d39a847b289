import { run } from './exec.ts'

/**
 * Creates a virtual environment with pinned libraries.
 * @throws Error with the output of python3, which needs pip and venv
 */
export async function installPython (folder: string, requirements: string): Promise<void> {
  await run('python3', ['-m', 'venv', folder])
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:']
  const install = ['-m', 'pip', 'install', ...options, `--requirement=${requirements}`]
  await run(`${folder}/bin/python`, install)
}
