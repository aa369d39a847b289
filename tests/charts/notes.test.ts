import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { temporaryFolder } from '../services/process.ts'
import { nested, ROOT, run, type Json } from './helm.ts'

/** What `helm install` prints. Without a cluster it shows no notes, so a copy of the chart renders them as an object. */
async function notes (chart: string, values: Json = {}): Promise<string> {
  const copy = `${temporaryFolder()}/${chart}`
  cpSync(`${ROOT}charts/${chart}`, copy, { recursive: true })
  const text = readFileSync(`${copy}/templates/NOTES.txt`, 'utf8')
  rmSync(`${copy}/templates/NOTES.txt`)
  writeFileSync(`${copy}/templates/notes.yaml`, `{{- define "notes" }}${text}{{ end -}}\nnotes: {{ include "notes" . | quote }}\n`)
  const { stdout, stderr } = await run('helm', ['template', chart, copy, '--namespace', 'guestbook', '--show-only', 'templates/notes.yaml', '--values', '-'], JSON.stringify(nested(values)))
  if (stderr) throw new Error(stderr)
  return (parse(stdout) as { notes: string }).notes
}

test('whoever installs the frontend reads where the page is and how to try it', async () => {
  expect(await notes('guestbook-frontend')).toBe(`The guestbook's pages are
  at http://localhost
  at http://frontend.localhost
  at http://localhost:3000 after
    kubectl --namespace guestbook port-forward service/guestbook-frontend 3000:3000

Post a message and read it back:
    helm test guestbook-frontend --namespace guestbook --logs
`)
})

test.each([
  [{ 'ingress.hosts': ['a.example'], 'ingress.tlsSecrets': { 'a.example': 'tls' } }, 'at https://a.example\n'],
  [{ 'service.type': 'NodePort' }, 'at port 30002 of every node\n'],
  [{ 'service.type': 'LoadBalancer' }, 'get service guestbook-frontend`'],
  [{ 'service.port': 80 }, 'port-forward service/guestbook-frontend 3000:80\n']
])('with %j they say "%s"', async (values, text) => {
  expect(await notes('guestbook-frontend', values)).toContain(text)
})

test('whoever installs the backend reads where the API is and where messages are kept', async () => {
  expect(await notes('guestbook-backend')).toMatch(/http:\/\/guestbook-backend\.guestbook:3001\/api\/v1\/messages inside(.|\n)*the Secret guestbook-mongodb names/)
  expect(await notes('guestbook-backend', { 'ingress.enabled': true })).toContain('at http://api.localhost/api/v1/messages\n')
  expect(await notes('guestbook-backend', { 'mongodb.enabled': false })).toContain('on the volume guestbook-backend, which stays when the release is uninstalled.')
})
