import { slipOf, type Edit } from './mutant.ts'

/** Changes of a part of a line: a pattern and its replacement. */
type Rule = readonly [operator: string, pattern: RegExp, replacement: (match: string) => string]

const number: Rule = ['change number', /(?<![\w.-])\d+(?:\.\d+)?/g, slipOf]

const TEMPLATE: readonly Rule[] = [
  ['invert condition', /(?<=\{\{-? (?:else )?if )[^}]+?(?= -?\}\})/g, text => `not (${text})`],
  ['swap function', /(?<=[ (])(?:eq|ne|and|or|gt|ge|lt|le)(?= )/g, name => FUNCTIONS[name]!]
]
const FUNCTIONS: Readonly<Record<string, string>> = {
  eq: 'ne',
  ne: 'eq',
  and: 'or',
  or: 'and',
  gt: 'ge',
  ge: 'gt',
  lt: 'le',
  le: 'lt'
}

const YAML: readonly Rule[] = [
  ['flip boolean', /(?<=: )(?:true|false)(?=$|\s*[,}#])/g, text => String(text === 'false')],
  number,
  ['misspell string', /(?<=(?:: |- )["']?)[A-Za-z/][\w./:@-]*(?=["']?$)/g, text => `${text}x`]
]

const QUERY: readonly Rule[] = [
  ['swap comparison', /(?<= )[<>]=?(?= )/g, text => COMPARISONS[text]!],
  ['swap function', /(?<= )(?:and|or|unless)(?= )/g, text => (text === 'or' ? 'and' : 'or')],
  ['drop alternative', / or vector\(\d\)/g, () => ''],
  ['swap matcher', /(?<=\w)(?:=~|!~|!=|=)(?=")/g, text => MATCHERS[text]!],
  number
]
const COMPARISONS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>'
}
const MATCHERS: Readonly<Record<string, string>> = {
  '=': '!=',
  '!=': '=',
  '=~': '!~',
  '!~': '=~'
}

const SHELL: readonly Rule[] = [
  ['drop option', /(?: -o pipefail|(?<=set -\w*)(?:e|u)(?=\w* |\w*$))/g, () => ''],
  ['swap operator', /(?<= )(?:&&|\|\|)(?= )/g, text => (text === '&&' ? '||' : '&&')],
  ['invert condition', /(?<=\[\[? )-[nz](?= )/g, text => (text === '-n' ? '-z' : '-n')],
  ['invert condition', /(?<= )(?:==?|!=)(?= )/g, text => (text === '!=' ? '=' : '!=')],
  ['drop option', / --?[a-z][\w-]*(?==|\s|$)/g, () => ''],
  number
]

const HANDLEBARS: readonly Rule[] = [
  ['drop attribute', /(?<=<[^>]*) [a-z-]+="[^"]*"/g, () => ''],
  ['swap value', /(?<=\{\{)[a-z]\w*(?=\}\})/g, () => 'unknown']
]

/** Mutants of a file that consists of lines. */
export function lineEdits (file: string, text: string): Edit[] {
  const rules = rulesOf(file)
  const lines = text.split('\n')
  let start = 0
  return lines.flatMap((line, index) => {
    const offset = start
    start += line.length + 1
    if (isProse(file, line)) return []
    const parts = rules.flatMap(([operator, pattern, replacement]) =>
      [...line.matchAll(pattern)].map(({ index: at, 0: match }): Edit => ({
        operator,
        start: offset + at,
        end: offset + at + match.length,
        replacement: replacement(match)
      }))
    )
    const next = lines.slice(index + 1).find(each => each.trim() !== '') ?? ''
    if (!canBeDropped(line, lines[index - 1] ?? '', next)) return parts
    return [
      ...parts,
      { operator: 'drop line', start: offset, end: offset + line.length, replacement: '' }
    ]
  })
}

function rulesOf (file: string): readonly Rule[] {
  if (/\/templates\//.test(file)) return [...TEMPLATE, ...YAML]
  if (file.startsWith('alert-rules/')) return [...QUERY, ...YAML]
  if (file.endsWith('.hbs')) return HANDLEBARS
  if (/\.ya?ml$/.test(file)) return YAML
  if (file.endsWith('.alloy')) {
    return [['misspell string', /(?<=")[^"\s]+(?=")/g, text => `${text}x`]]
  }
  return SHELL
}

/** Comments and prose, such as names of workflow steps. */
const isProse = (file: string, line: string) =>
  /^\s*(#|\/\/|\{\{-?\s*\/\*|$)/.test(line) ||
  /^\s*-?\s*(description|summary|title|echo|printf)\b/.test(line) ||
  (file.startsWith('.github/') && /^\s*-?\s*name:/.test(line)) ||
  /^\s*[A-Z][a-z]+ .*[.:]$/.test(line)

/** Whether a line is complete: it neither opens nor ends a block, and does not continue. */
function canBeDropped (line: string, before: string, next: string): boolean {
  const indent = (text: string) => /^[\s-]*/.exec(text)![0].length
  if (
    /^\s*(\}|\)|fi|done|esac|else|then|do|;;|\{\{-? ?(if|else|end|with|range|define))/.test(line)
  ) {
    return false
  }
  if (/(\\|\||&&|\{|\(|then|do|\|-?|>-?)\s*$/.test(line) || /(\\|&&|\|)\s*$/.test(before)) {
    return false
  }
  if (/^\s*(if|for|while|case|elif|until)\b|<<|^\s*[\w*|"-]+\)/.test(line)) return false
  if (/\{\{#|\{\{\/|\{\{else/.test(line)) return false
  return indent(next) <= indent(line) || !/:\s*$/.test(line)
}
