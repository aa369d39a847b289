import neostandard from 'neostandard'
import tseslint from 'typescript-eslint'
import { MAX_COLUMNS } from './scripts/line-width.ts'

/** Layers of the infrastructure, from the lowest to the highest: imports point down. */
const LAYERS = ['config', 'values', 'constructs', 'stacks', 'cli']
const importsPointDown = LAYERS.slice(0, -1).map((layer, index) => ({
  files: [`infra/src/${layer}/**`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: LAYERS.slice(index + 1).map(higher => `**/${higher}/**`)
    }]
  }
}))

export default [
  ...neostandard({
    ts: true,
    noJsx: true,
    ignores: ['**/node_modules/**', 'coverage/**', '.tools/**', '.data/**', 'infra/cdktf.out/**']
  }),
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `void` marks a promise that nothing awaits on purpose.
      'no-void': ['error', { allowAsStatement: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error'
    }
  },
  { rules: { '@stylistic/max-len': ['error', { code: MAX_COLUMNS, ignoreUrls: true }] } },
  // A construct adds itself to its scope.
  { files: ['infra/**'], rules: { 'no-new': 'off' } },
  ...importsPointDown,
  // ${} in a string belongs to Terraform, Compose, a shell or Grafana.
  { rules: { 'no-template-curly-in-string': 'off' } }
]
