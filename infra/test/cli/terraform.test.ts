/** Calls of Terraform, its events and interrupts. */
import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TerraformFailure, terraform, type TerraformEvent } from '../../cli/terraform.ts'
import { answer, fakePrograms, print, type FakePrograms } from './fake-programs.ts'

let fake: FakePrograms
beforeEach(() => { jest.spyOn(console, 'error').mockImplementation(() => {}) })

/** Runs `terraform apply` on the stack platform with a shell script in place of Terraform. */
async function apply (
  script: string, onEvent: (event: TerraformEvent) => void = () => {}
): Promise<unknown> {
  fake = fakePrograms({ terraform: answer({ '*init*': '', '*apply*': script }) })
  return await terraform(fake.context, 'platform', ['apply', '-x'], onEvent)
    .then(() => undefined, error => error)
}
const error = (summary: string, detail: string, address?: string) =>
  JSON.stringify({
    type: 'diagnostic', diagnostic: { severity: 'error', summary, detail, address }
  })

test('a stack is initialised before a command runs on it', async () => {
  const events: TerraformEvent[] = []
  expect(await apply('echo \'{"type":"version"}\'; printf \'{"type":"outputs"}\'', event => {
    events.push(event)
  })).toBeUndefined()
  expect(events).toEqual([{ type: 'version' }, { type: 'outputs' }])
  const folder = '-chdir=cdktf.out/stacks/platform'
  expect(fake.calls()).toEqual([
    `terraform ${folder} init -input=false -no-color`,
    `terraform ${folder} apply -x -input=false -json`
  ])
})

test('Terraform runs in the folder infra with the current Docker engine', async () => {
  const events: unknown[] = []
  const script = 'printf \'{"host":"%s","cwd":"%s"}\\n\' "$DOCKER_HOST" "$PWD"'
  fake = fakePrograms({
    terraform: answer({ '*init*': '', '*plan*': script }),
    docker: 'echo unix:///run/mine.sock'
  })
  await terraform(fake.context, 'cluster', ['plan'], event => events.push(event))
  expect(events).toEqual([{ host: 'unix:///run/mine.sock', cwd: fake.infra }])
})

test('another binary can take the place of Terraform', async () => {
  fake = fakePrograms({ tofu: '' }, {}, { TERRAFORM_BINARY_NAME: 'tofu' })
  await terraform(fake.context, 'cluster', ['plan'], () => {})
  expect(fake.calls()).toHaveLength(2)
})

describe('a command that fails', () => {
  test('reports the errors of Terraform, each with its resource', async () => {
    const failure = await apply(
      print(`${error('no chart', 'line 1\nline 2', 'helm_release.loki')}\n${error('late', '')}`) +
      '\nexit 1') as TerraformFailure
    expect(failure).toBeInstanceOf(TerraformFailure)
    expect(failure.errors.map(({ summary }) => summary)).toEqual(['no chart', 'late'])
    expect(failure.message).toBe('terraform apply of stack platform failed.\n' +
      '  Error: no chart (helm_release.loki)\n  line 1\n  line 2\n  Error: late')
  })

  test('reports what is no event, at most 40 lines', async () => {
    const { message } = await apply(
      'echo crash >&2; sleep 0.2; for i in $(seq 60); do echo "line $i"; done; exit 2') as Error
    expect(message.split('\n').slice(0, 3))
      .toEqual(['terraform apply of stack platform failed.', '  crash', '  line 1'])
    expect(message.split('\n')).toHaveLength(41)
  })

  test('reports what init printed', async () => {
    fake = fakePrograms({ terraform: 'echo no registry; exit 1' })
    await expect(terraform(fake.context, 'cluster', ['plan'], () => {}))
      .rejects.toThrow('init -input=false -no-color failed:\nno registry')
  })

  test('reports that Terraform cannot be started', async () => {
    fake = fakePrograms({}, {}, { PATH: '/nowhere' })
    await expect(terraform(fake.context, 'cluster', ['plan'], () => {}))
      .rejects.toThrow('terraform cannot be started')
    expect(process.listenerCount('SIGINT')).toBe(0)
  })
})

describe('an interrupt', () => {
  const BEGUN = 'echo \'{"type":"begun"}\''
  const on = (...signals: NodeJS.Signals[]) => ({ type }: TerraformEvent) => {
    if (type === 'begun') for (const signal of signals) process.emit(signal)
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s waits for Terraform to write its state', async signal => {
      const failure = await apply(
        `trap "echo state > state; exit 1" INT\n${BEGUN}\nwhile :; do sleep 0.1; done`, on(signal))
      expect(String(failure)).toContain(
        'terraform apply of stack platform was interrupted. Run the same command again to continue.'
      )
      expect(existsSync(join(fake.infra, 'state'))).toBe(true)
      expect(process.listenerCount(signal)).toBe(0)
      expect(jest.mocked(console.error).mock.calls).toEqual(
        [['interrupted: Terraform finishes its operation; interrupt again to stop it now']])
    })

  test('that is repeated stops Terraform and its children', async () => {
    const failure = await apply(
      `trap "" INT; sh -c 'sleep 4; touch survived' & ${BEGUN}; wait`,
      on('SIGINT', 'SIGINT'))
    expect(String(failure)).toContain('was interrupted')
    expect(existsSync(join(fake.infra, 'survived'))).toBe(false)
  })

  test('is an interrupt although Terraform succeeds', async () => {
    const failure = await apply(`trap "exit 0" INT\n${BEGUN}\nwhile :; do sleep 0.1; done`,
      on('SIGINT'))
    expect(String(failure)).toContain('was interrupted')
  })
})

test('events are passed on while Terraform runs', async () => {
  const script = 'echo \'{"type":"first"}\'\nwhile [ ! -e heard ]; do sleep 0.01; done'
  expect(await apply(script, () => writeFileSync(join(fake.infra, 'heard'), '')))
    .toBeUndefined()
})
