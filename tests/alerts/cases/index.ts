/** For each rule: silent just before `for` is over, firing just after, silent again after recovery; and what must not page. */
import type { Case } from '../promtool.ts'
import { burns, slowBurns } from './burn-rates.ts'
import { others } from './others.ts'
import { services } from './services.ts'

export const cases: Case[] = [...services, ...burns, ...slowBurns, ...others]
