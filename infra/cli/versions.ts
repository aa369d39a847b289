import { components } from '../src/components.ts'
import { nearEndOfLife, describeEndOfLife } from './end-of-life.ts'

const WARN_DAYS = 90

/** Warns of components that end soon. It never fails: a date is no defect of a change. */
export function checkVersions (): void {
  const ending = nearEndOfLife(components, new Date(), WARN_DAYS)
  for (const one of ending) {
    console.log(`${process.env.GITHUB_ACTIONS ? '::warning::' : 'warning: '}${describeEndOfLife(one)}`)
  }
  console.log(
    `${components.length} components, ${ending.length} of them end within ${WARN_DAYS} days or have ended`
  )
}
