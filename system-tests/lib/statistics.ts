/** The smallest value that at least `percent` % do not exceed (nearest rank); NaN of none. */
export function percentile (values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)] ?? NaN
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!
}

/** The slope of the line that fits best (least squares); 0 of fewer than two points. */
export function slope (points: Array<[x: number, y: number]>): number {
  if (points.length < 2) return 0
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return spread === 0
    ? 0
    : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
}
