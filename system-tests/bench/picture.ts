import { CASES, TITLES, type CaseId, type TargetName } from './cases.ts'
import type { CaseResults } from './summary.ts'

const COLOURS: Record<TargetName, string> = {
  guestbook: '#9a3412',
  baseline: '#a8a29e',
  bare: '#a8a29e',
  driver: '#a8a29e',
  express: '#3f6212',
  flask: '#1e3a8a'
}
const [WIDTH, LABEL, BAR, GAP] = [760, 220, 18, 34]

/** Bars of requests a second, with a scale for each case and whiskers for the spread. */
export function picture (cases: Partial<Record<CaseId, CaseResults>>): string {
  const parts: string[] = []
  let y = 10
  for (const { id, title } of CASES) {
    const results = cases[id]
    if (!results) continue
    const longest = Math.max(...Object.values(results).map(({ most }) => most))
    const x = (rate: number) => LABEL + rate / longest * (WIDTH - LABEL - 90)
    parts.push(`<text x="10" y="${y + 14}" font-weight="bold">${title}</text>`)
    y += 22
    for (const [name, { rate, least, most }] of Object.entries(results) as Array<
      [TargetName, CaseResults[TargetName] & object]
    >) {
      const middle = y + BAR / 2 - 1
      parts.push(
        `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${TITLES[name]}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${(x(rate) - LABEL).toFixed(1)}" ` +
          `height="${BAR - 3}" fill="${COLOURS[name]}"/>`,
        `<path d="M${x(least).toFixed(1)} ${middle}H${x(most).toFixed(1)}" ` +
          'stroke="#000" stroke-width="1"/>',
        `<text x="${(x(most) + 6).toFixed(1)}" y="${y + 13}">` +
          `${Math.round(rate).toLocaleString('en')}/s</text>`
      )
      y += BAR
    }
    y += GAP - BAR
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" ` +
    'font-family="sans-serif" font-size="13" role="img" aria-label="Requests a second">\n' +
    `<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
  )
}
