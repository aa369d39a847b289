import { components } from '../components.ts'
import { endings, inWords } from '../lifetimes.ts'

const WARN_DAYS = 90

/** Warns of components that end soon. It never fails: a date is no defect of a change. */
export function checkVersions (): void {
  const ending = endings(components, new Date(), WARN_DAYS)
  for (const one of ending) {
    console.log(`${process.env.GITHUB_ACTIONS ? '::warning::' : 'warning: '}${inWords(one)}`)
  }
  console.log(
    `${components.length} components, ${ending.length} of them end within ${WARN_DAYS} days or have ended`
  )
}
