import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { followRunbook } from './diagnosis.ts'
import { diagnosis, remedies } from '../../alert-rules/generator/runbooks.ts'

const RUNBOOK = `# Something

## Diagnosis

\`\`\`sh
kubectl get pods
curl page
\`\`\`

\`\`\`promql
up
\`\`\`

Then:

\`\`\`sh
curl again
\`\`\`

## Mitigation

- Hung: \`kubectl delete pod NAME\`; see \`frontend-down\`.
`
const rule = (uid: string) => rulesOf(alertingFiles()).find(rule => rule.uid === uid)!

test('blocks are selected by language, and remedies are commands', () => {
  expect(diagnosis(RUNBOOK, 'sh')).toEqual(['kubectl get pods\ncurl page', 'curl again'])
  expect(diagnosis(RUNBOOK, 'promql')).toEqual(['up'])
  expect(remedies(RUNBOOK)).toEqual(['kubectl delete pod NAME'])
})

/** A kubectl that records its arguments, and exits with a status. */
function standIn (status: number) {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'kubectl'),
    `#!/bin/bash\nprintf '%s\\n' "$*" >>${folder}/asked\necho refused >&2\nexit ${status}\n`,
    { mode: 0o755 }
  )
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    asked: () =>
      existsSync(join(folder, 'asked'))
        ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')
        : []
  }
}

test('the blocks that are wanted run, with the variables that are given', async () => {
  const { env, asked } = standIn(0)
  await followRunbook(rule('mongodb-backup-overdue'), () => false, env)
  expect(asked()).toEqual([])
  await followRunbook(rule('mongodb-backup-overdue'), () => true, env)
  expect(asked()).toEqual([
    expect.stringContaining('-n guestbook get cronjobs,jobs'),
    expect.stringContaining('-n guestbook logs')
  ])
})

test('a command that fails ends its block, and the error has runbook and output', async () => {
  const { env, asked } = standIn(1)
  await expect(followRunbook(rule('mongodb-backup-overdue'), () => true, env)).rejects.toThrow(
    /The runbook of mongodb-backup-overdue does not work:[^]*ended with 1:\nrefused/
  )
  expect(asked()).toHaveLength(1)
})
