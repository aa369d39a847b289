/** What a change does to the manifests that helm renders. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The files of each chart's folder ci that are rendered. */
const CASES = ['default', 'production']

/**
 * The difference between the charts at a commit and in this folder, as a unified diff; '' when there is none.
 * @throws Error when the commit is not there, or a chart of this folder cannot be rendered.
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
    // As without a configuration of git.
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
