/** Faults of `make fault`: steps that repeat. `random` returns numbers from 0 to 1. */
import type { Fault } from '../lib/faults-client.ts'

/** `null`: no fault. */
export interface Step { fault: Fault | null, seconds: number }
export type Profile = (random: () => number) => Step[]

const between = (low: number, high: number, random: () => number): number =>
  Math.round(low + (high - low) * random())

export const PROFILES: Record<string, { meaning: string; steps: Profile }> = {
  slow: {
    meaning: 'every request takes 0.8 s longer',
    steps: () => [{ fault: { latencyMs: 800 }, seconds: 10 }]
  },
  errors: {
    meaning: 'one request in five fails',
    steps: () => [{ fault: { errorRate: 0.2 }, seconds: 10 }]
  },
  'store-down': {
    meaning: 'what the service depends on counts as down',
    steps: () => [{ fault: { storeDown: true }, seconds: 10 }]
  },
  unstable: {
    meaning: '5 % of requests fail, all take 50 to 150 ms longer',
    steps: random => [
      { fault: { errorRate: 0.05, latencyMs: between(50, 150, random) }, seconds: 1 }
    ]
  },
  'checkout-peak': {
    meaning: 'for 30 s in every 1 to 3 minutes 70 % fail and all take 1.8 to 2.5 s longer',
    steps: random => [
      ...Array.from({ length: 30 }, () => ({
        fault: { errorRate: 0.7, latencyMs: between(1800, 2500, random) },
        seconds: 1
      })),
      { fault: null, seconds: between(60, 180, random) - 30 }
    ]
  }
}
