/** Compares the rendered manifests of two commits. */
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const maxBuffer = 64 * 1024 * 1024

/**
 * A unified diff of the manifests at a commit and in this folder; '' when they are equal.
 * @throws Error when the commit is missing or rendering fails
 */
export function manifestDiff (root: string, base: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-manifests-'))
  try {
    const archive = execFileSync('git', ['archive', base, 'charts'], { cwd: root, maxBuffer })
    execFileSync('tar', ['--extract', '--directory', folder], { input: archive })
    render(join(folder, 'charts'), join(folder, 'main'))
    render(join(root, 'charts'), join(folder, 'change'))
    // Independent of the configuration of git.
    const plain = ['--no-color', '--no-ext-diff', '--src-prefix=a/', '--dst-prefix=b/']
    return spawnSync('git', ['diff', '--no-index', ...plain, 'main', 'change'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer
    }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Renders each chart with the default and the production values of its folder ci. */
function render (charts: string, into: string): void {
  mkdirSync(into)
  for (const path of globSync('*/ci/{default,production}-values.yaml', { cwd: charts }).sort()) {
    const [, chart, name] = /^(.*)\/ci\/(.*)-values/.exec(path)!
    const values = ['--namespace', 'guestbook', '--values', join(charts, path)]
    const manifests = execFileSync('helm', ['template', chart!, join(charts, chart!), ...values], {
      maxBuffer
    })
    writeFileSync(join(into, `${chart}-${name}.yaml`), manifests)
  }
}
