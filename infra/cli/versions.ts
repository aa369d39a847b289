import { components } from '../src/components.ts'
import { describeEndOfLife, nearEndOfLife } from './end-of-life.ts'

const WARN_DAYS = 90

/** Warns of components near their end of life. It never fails: a date is no defect of a change. */
export function checkVersions (): void {
  const ending = nearEndOfLife(components, new Date(), WARN_DAYS)
  const prefix = process.env.GITHUB_ACTIONS ? '::warning::' : 'warning: '
  for (const one of ending) console.log(`${prefix}${describeEndOfLife(one)}`)
  console.log(
    `${components.length} components, of which ${ending.length} have ended or end within ` +
      `${WARN_DAYS} days`
  )
}
