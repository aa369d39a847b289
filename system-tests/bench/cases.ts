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
  targets: TargetName[]
}

export const CASES = [
  {
    id: 'page-32',
    title: 'Page with 20 messages, 32 connections',
    kind: 'read',
    of: 'page',
    connections: 32,
    targets: ['guestbook', 'bare', 'express', 'flask']
  },
  {
    id: 'page-128',
    title: 'Page with 20 messages, 128 connections',
    kind: 'read',
    of: 'page',
    connections: 128,
    targets: ['guestbook', 'bare', 'express', 'flask']
  },
  {
    id: 'list-32',
    title: 'API list, 32 connections',
    kind: 'read',
    of: 'api',
    connections: 32,
    targets: ['guestbook', 'bare', 'express', 'flask']
  },
  {
    id: 'list-128',
    title: 'API list, 128 connections',
    kind: 'read',
    of: 'api',
    connections: 128,
    targets: ['guestbook', 'bare', 'express', 'flask']
  },
  {
    id: 'post-api',
    title: 'Durable post by the API, 32 connections',
    kind: 'post',
    of: 'api',
    connections: 32,
    targets: ['guestbook', 'driver', 'express', 'flask']
  },
  {
    id: 'post-page',
    title: 'Durable post by the page, 32 connections',
    kind: 'sign',
    of: 'page',
    connections: 32,
    targets: ['guestbook', 'express', 'flask']
  },
  {
    id: 'mixed',
    title: '9 pages and 1 post by the page, 32 connections',
    kind: 'mixed',
    of: 'page',
    connections: 32,
    targets: ['guestbook', 'express', 'flask']
  }
] as const satisfies Case[]

export type CaseId = (typeof CASES)[number]['id']
