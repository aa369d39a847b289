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
  /** The TypeScript project of the area. A mutant that it rejects is discarded. */
  readonly project?: string
  /**
   * Commands that write what follows from the changed file, as a careless engineer would run them.
   * So a generated file that differs gives no mutant away.
   */
  readonly generate?: readonly (readonly string[])[]
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
    tests: ['infra'],
    project: 'infra',
    generate: [['node', 'scripts/document-infra.ts']]
  },
  {
    name: 'charts',
    files: ['service', 'backend', 'frontend'].map(name => `charts/guestbook-${name}/*`),
    except: /\.md$|\/(ci|charts)\//,
    tests: ['tests/charts'],
    generate: [['node', 'scripts/charts/main.ts']]
  },
  {
    name: 'mongodb-chart',
    files: ['charts/guestbook-mongodb/*'],
    except: /\.md$|\/ci\//,
    tests: ['tests/charts'],
    generate: [['node', 'scripts/charts/main.ts']]
  },
  {
    name: 'alerts',
    files: ['alert-rules/*.yml', 'alert-rules/generator/*.ts'],
    except: /_alerts\.yml|recording_rules/,
    tests: ['tests/alerts', 'system-tests/drills'],
    project: 'alert-rules/generator',
    generate: [['node', 'alert-rules/generator/main.ts']]
  },
  {
    name: 'scripts',
    files: ['scripts/*', 'build.sh'],
    tests: [
      'tests/ci',
      'tests/images',
      'tests/services/make-start'
    ],
    project: 'scripts'
  },
  {
    name: 'workflows',
    files: ['.github/workflows/*.yml', '.github/actions/*.yml'],
    tests: ['tests/ci'],
    generate: [['node', 'scripts/document-ci.ts']]
  }
]
