import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Sandbox } from './sandbox.ts'

const MONGOSH = 'mongosh --nodb --norc --quiet --file /opt/guestbook-mongodb/agent.js'
/** Output and exit status of each run of mongosh. */
type Outcome = readonly [output: string, status: number]

interface Member {
  readonly replicas?: string
  /** How often mongod does not answer at first. */
  readonly silent?: number
  readonly outcomes: readonly Outcome[]
  /** Shell commands that change the agent's inputs while it waits. */
  readonly changes?: readonly string[]
}

/** Shell: counts the calls of a program in `n`, from 0. */
const count = (name: string) =>
  `n=$(cat /tmp/${name} 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/${name}`
const cases = (texts: readonly string[]) => texts.map((text, n) => `${n}) ${text};;`).join(' ')

/** The container of an agent. It ends when the agent waits and no more changes follow. */
function container ({ replicas = '1', silent = 0, outcomes, changes = [] }: Member): Sandbox {
  const answers = outcomes.map(([output, status]) => `echo -n '${output}' >&2; exit ${status}`)
  const sandbox = new Sandbox({
    mongosh: `${count('asked')}
      case $n in ${cases(answers)} *) touch /tmp/enough; exit 9;; esac`,
    sleep: `[ ! -e /tmp/enough ] || kill -TERM $PPID
      [ "$1" = 10 ] || exit 0
      ${count('waited')}
      case $n in ${cases(changes)} *) kill -TERM $PPID;; esac`
  })
  const { folder } = sandbox
  sandbox.write('/opt/guestbook-mongodb/hello.sh', `echo "hello $*" >>${folder}/calls
    ${count('hello').replaceAll('/tmp', `${folder}/tmp`)}
    [ "$n" -ge ${silent} ]`)
  sandbox.write('/opt/guestbook-mongodb/replicas', replicas)
  sandbox.write('/etc/guestbook-mongodb/secret/mongodb-password', 'secret')
  return sandbox
}
const runAgent = async (sandbox: Sandbox, pod: string) => {
  const { status, stdout, stderr } = await sandbox.run('agent.sh', { POD_NAME: pod })
  const settled = existsSync(sandbox.path('/tmp/settled'))
  return { status, lines: stdout.trimEnd().split('\n'), stderr, settled, calls: sandbox.calls }
}
const settled = { status: 0, stderr: '', settled: true }
const left = (members: number) => `configured the replica set: ${members} member(s)`

test.each([
  'db-0', 'db-1-0'
])('the agent of %s waits until mongod answers, and repeats no log line', async pod => {
  const sandbox = container({
    silent: 2, outcomes: [['waiting', 1], ['waiting', 1], ['', 1], ['created', 0]]
  })
  expect(await runAgent(sandbox, pod)).toEqual({
    ...settled,
    lines: ['waiting', 'created', left(1)],
    calls: [
      'hello alive', 'sleep 0.5', 'hello alive', 'sleep 0.5',
      ...Array.from({ length: 3 }, () => ['hello alive', MONGOSH, 'sleep 1']).flat(),
      'hello alive', MONGOSH, 'sleep 10'
    ]
  })
})

test.each([
  'db-1', 'db-10'
])('the agent of %s waits until its member belongs to the replica set', async pod => {
  const sandbox = container({ replicas: '3', silent: 2, outcomes: [['', 0]] })
  expect(await runAgent(sandbox, pod)).toEqual({
    ...settled,
    lines: [left(3)],
    calls: ['hello ready', 'sleep 1', 'hello ready', 'sleep 1', 'hello ready', MONGOSH, 'sleep 10']
  })
})

test.each([
  ['the number of members', 'echo 3 >/opt/guestbook-mongodb/replicas', 3],
  ['a password', 'echo -n s3cret >/etc/guestbook-mongodb/secret/mongodb-password', 1]
])('a change of %s makes the agent run again, and it stays ready meanwhile', async (
  _what, change, members
) => {
  const sandbox = container({ outcomes: [['', 0], ['again', 0]], changes: ['true', change] })
  expect(await runAgent(sandbox, 'db-0')).toEqual({
    ...settled,
    lines: [left(1), 'again', left(members)],
    calls: [
      'hello alive', MONGOSH, 'sleep 10', 'sleep 10', 'hello alive', MONGOSH, 'sleep 10'
    ]
  })
})

test('an agent is not ready before its work has succeeded', async () => {
  const sandbox = container({ outcomes: [['no', 1], ['no', 1]] })
  expect(await runAgent(sandbox, 'db-0')).toEqual({
    status: 0,
    stderr: '',
    settled: false,
    lines: ['no'],
    calls: Array.from({ length: 3 }, () => ['hello alive', MONGOSH, 'sleep 1']).flat()
  })
})
