import { spawnSync } from 'node:child_process'

/** A part of the repository that gets mutants, and the tests that should detect them. */
export interface Area {
  readonly name: string
  /** Git pathspecs of the files that get mutants. */
  readonly files: readonly string[]
  /** Paths among them that get none. (Git 2.39 does not support exclusions here.) */
  readonly except?: RegExp
  /** Folders of tests, of which those that import the changed file run first. */
  readonly related?: readonly string[]
  /** Paths of the tests that run next. */
  readonly tests: readonly string[]
  /** Folder of the tsconfig.json. A mutant that it rejects is discarded. */
  readonly project?: string
  /** The command that writes the files that follow from the changed one. */
  readonly generate?: readonly string[]
}

const service = (name: string): Area => ({
  name,
  files: [`services/${name}/src/*.ts`, `services/${name}/views/*`],
  except: /openapi\.ts$/,
  related: name === 'service-kit' ? ['services'] : [`services/${name}`, 'services/service-kit'],
  tests: ['tests/services', 'tests/charts/settings', 'tests/charts/time-budget'],
  project: `services/${name}`
})

export const AREAS: readonly Area[] = [
  service('backend'),
  service('frontend'),
  service('service-kit'),
  {
    name: 'infra',
    files: ['infra/src/*', 'infra/cli/*', 'infra/components.json', 'infra/environments/*'],
    except: /verified-values\.json$/,
    tests: ['infra'],
    project: 'infra',
    generate: ['node', 'scripts/document-infra.ts']
  },
  {
    name: 'charts',
    files: ['service', 'backend', 'frontend'].map(name => `charts/guestbook-${name}/*`),
    except: /\.md$|\.schema\.json$|_settings\.tpl$|\/(ci|charts)\//,
    tests: ['tests/charts'],
    generate: ['node', 'scripts/charts/main.ts']
  },
  {
    name: 'mongodb-chart',
    files: ['charts/guestbook-mongodb/*'],
    except: /\.md$|\.schema\.json$|\/ci\//,
    tests: ['tests/charts'],
    generate: ['node', 'scripts/charts/main.ts']
  },
  {
    name: 'alerts',
    files: ['alert-rules/*.yml', 'alert-rules/generator/*.ts'],
    except: /_alerts\.yml|recording_rules/,
    tests: ['tests/alerts', 'system-tests/drills'],
    project: 'alert-rules/generator',
    generate: ['node', 'alert-rules/generator/main.ts']
  },
  {
    name: 'scripts',
    files: ['scripts/*', 'build.sh'],
    except: /^scripts\/mutants\//,
    tests: ['tests/ci', 'tests/images', 'tests/services/make-start'],
    project: 'scripts'
  },
  {
    name: 'workflows',
    files: ['.github/workflows/*.yml', '.github/actions/*.yml'],
    tests: ['tests/ci'],
    generate: ['node', 'scripts/document-ci.ts']
  }
]

/** The output of a Git command, split at NUL characters. @throws Error with Git's message */
export function git (checkout: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync('git', ['-C', checkout, ...args], {
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`)
  return stdout.split('\0').filter(Boolean)
}

/** Files under Git pathspecs of a checkout, uncommitted ones included. */
export const filesUnder = (checkout: string, paths: readonly string[]) =>
  git(checkout, 'ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', ...paths)

/** Files of an area that get mutants. */
export const filesOfArea = (checkout: string, { files, except }: Area) =>
  filesUnder(checkout, files).filter(file => !except?.test(file))
