/** Compares the rendered manifests of two commits. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Values of each chart's folder ci. */
const CASES = ['default', 'production']

/**
 * A unified diff of the manifests at a commit and in this folder; '' when they are equal.
 * @throws Error when the commit is missing or rendering fails
 */
export function manifestDiff (root: string, base: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-manifests-'))
  try {
    const charts = join(folder, 'charts')
    mkdirSync(charts)
    const archive = execFileSync('git', ['archive', base, 'charts'], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024
    })
    execFileSync('tar', ['--extract', '--directory', folder], { input: archive })
    render(charts, join(folder, 'main'))
    render(join(root, 'charts'), join(folder, 'change'))
    // Independent of the configuration of git.
    const plain = ['--no-color', '--no-ext-diff', '--src-prefix=a/', '--dst-prefix=b/']
    return spawnSync('git', ['diff', '--no-index', ...plain, 'main', 'change'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024
    }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function render (charts: string, into: string): void {
  mkdirSync(into)
  for (const chart of readdirSync(charts)) {
    for (const name of CASES) {
      const values = join(charts, chart, `ci/${name}-values.yaml`)
      if (!existsSync(values)) continue
      const text = execFileSync(
        'helm',
        ['template', chart, join(charts, chart), '--namespace', 'guestbook', '--values', values],
        { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
      )
      writeFileSync(join(into, `${chart}-${name}.yaml`), text)
    }
  }
}
