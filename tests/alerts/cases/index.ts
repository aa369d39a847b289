/** Cases of every rule: silent just before `for` ends, firing just after, silent after recovery. */
import type { Case } from '../promtool.ts'
import { burnRates } from './burn-rates.ts'
import { platform } from './platform.ts'
import { services } from './services.ts'

export const cases: Case[] = [...services, ...burnRates, ...platform]
