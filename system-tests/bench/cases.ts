import type { Kind } from './wrk.ts'

export type TargetName = 'guestbook' | 'baseline' | 'bare' | 'driver' | 'express' | 'flask'

export const TITLES: Record<TargetName, string> = {
  guestbook: 'Guestbook',
  baseline: 'Guestbook of the baseline',
  bare: 'Bare node:http',
  driver: 'MongoDB driver alone',
  express: 'Express + EJS + Mongoose',
  flask: 'Flask + Jinja + PyMongo'
}

export interface Case {
  id: string
  title: string
  kind: Kind
  /** What is requested. */
  of: 'page' | 'api'
  connections: number
  targets: readonly TargetName[]
}

const READ = { kind: 'read', targets: ['guestbook', 'bare', 'express', 'flask'] } as const
const PAGE = { ...READ, of: 'page' } as const
const LIST = { ...READ, of: 'api' } as const
const FORM = { of: 'page', connections: 32, targets: ['guestbook', 'express', 'flask'] } as const

export const CASES = [
  { id: 'page-32', title: 'Page with 20 messages, 32 connections', ...PAGE, connections: 32 },
  { id: 'page-128', title: 'Page with 20 messages, 128 connections', ...PAGE, connections: 128 },
  { id: 'list-32', title: 'API list, 32 connections', ...LIST, connections: 32 },
  { id: 'list-128', title: 'API list, 128 connections', ...LIST, connections: 128 },
  {
    id: 'post-api',
    title: 'Durable post by the API, 32 connections',
    kind: 'post',
    of: 'api',
    connections: 32,
    targets: ['guestbook', 'driver', 'express', 'flask']
  },
  { id: 'post-page', title: 'Durable post by the page, 32 connections', kind: 'sign', ...FORM },
  { id: 'mixed', title: '9 pages and 1 post by the page, 32 connections', kind: 'mixed', ...FORM }
] as const satisfies Case[]
export type CaseId = (typeof CASES)[number]['id']
