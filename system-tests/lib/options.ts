/** What command lines of several programs have in common. */

/** @throws Error naming the option when the text is no number in the range */
export function numberOption (name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (value >= least && value <= most) return value
  throw new Error(`--${name} must be a number from ${least} to ${most}, not "${text}"`)
}

/** @throws Error naming the option when the text is no whole number in the range */
export function integerOption (name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  if (value >= least && value <= most) return value
  throw new Error(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`)
}

/** @throws Error naming the option when the text names no folder */
export function folderOption (name: string, text: string): string {
  if (text.trim() === '') throw new Error(`--${name} must name a folder`)
  return text
}

/** @throws Error naming the option and the choices when one is unknown */
export function choiceOption (name: string, chosen: string[], choices: readonly string[]): void {
  const unknown = chosen.filter(choice => !choices.includes(choice))
  if (unknown.length > 0) {
    throw new Error(`--${name} must be one of ${choices.join(', ')}, not "${unknown.join(', ')}"`)
  }
}
