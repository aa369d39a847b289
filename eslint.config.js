import neostandard from 'neostandard'
import tseslint from 'typescript-eslint'

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
      'no-void': ['error', { allowAsStatement: true }], // marks a promise that is left alone on purpose
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error'
    }
  },
  // A construct adds itself to its scope.
  { files: ['infra/**'], rules: { 'no-new': 'off' } },
  // ${} in a string belongs to Terraform, Compose, a shell or Grafana.
  { rules: { 'no-template-curly-in-string': 'off' } }
]
