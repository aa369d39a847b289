import { SWAPS, similarNumber, type Edit } from './edit.ts'

/** A change of a part of a line: a pattern and its replacement. */
type Rule = readonly [operator: string, pattern: RegExp, replacement: (match: string) => string]

const swap = (text: string) => SWAPS[text]!
const misspell = (text: string) => `${text}x`
const drop = () => ''

const NUMBER: Rule = ['change number', /(?<![\w.-])\d+(?:\.\d+)?/g, similarNumber]
const TEMPLATE: readonly Rule[] = [
  ['invert condition', /(?<=\{\{-? (?:else )?if )[^}]+?(?= -?\}\})/g, text => `not (${text})`],
  ['swap function', /(?<=[ (])(?:eq|ne|and|or|gt|ge|lt|le)(?= )/g, swap]
]
const YAML: readonly Rule[] = [
  ['flip boolean', /(?<=: )(?:true|false)(?=$|\s*[,}#])/g, swap],
  NUMBER,
  ['misspell string', /(?<=(?:: |- )["']?)[A-Za-z/][\w./:@-]*(?=["']?$)/g, misspell]
]
const QUERY: readonly Rule[] = [
  ['swap comparison', /(?<= )[<>]=?(?= )/g, swap],
  ['swap function', /(?<= )(?:and|or|unless)(?= )/g, swap],
  ['drop alternative', / or vector\(\d\)/g, drop],
  ['swap matcher', /(?<=\w)(?:=~|!~|!=|=)(?=")/g, swap]
]
const SHELL: readonly Rule[] = [
  ['drop option', /(?: -o pipefail|(?<=set -\w*)(?:e|u)(?=\w* |\w*$))/g, drop],
  ['swap operator', /(?<= )(?:&&|\|\|)(?= )/g, swap],
  ['invert condition', /(?<=\[\[? )-[nz](?= )/g, swap],
  ['invert condition', /(?<= )(?:==?|!=)(?= )/g, swap],
  ['drop option', / --?[a-z][\w-]*(?==|\s|$)/g, drop],
  NUMBER
]
/** The rules of the first pattern that a file's path matches. */
const RULES: ReadonlyArray<readonly [RegExp, readonly Rule[]]> = [
  [/\/templates\//, [...TEMPLATE, ...YAML]],
  [/^alert-rules\//, [...QUERY, ...YAML]],
  [/\.hbs$/, [
    ['drop attribute', /(?<=<[^>]*) [a-z-]+="[^"]*"/g, drop],
    ['swap value', /(?<=\{\{)[a-z]\w*(?=\}\})/g, () => 'unknown']
  ]],
  [/\.ya?ml$/, YAML],
  [/\.alloy$/, [['misspell string', /(?<=")[^"\s]+(?=")/g, misspell]]],
  [/./, SHELL]
]

/** Mutants of a file that consists of lines. */
export function lineEdits (file: string, text: string): Edit[] {
  const [, rules] = RULES.find(([path]) => path.test(file))!
  const lines = text.split('\n')
  let start = 0
  return lines.flatMap((line, index) => {
    const offset = start
    start += line.length + 1
    if (isProse(file, line)) return []
    const edits = rules.flatMap(([operator, pattern, replacement]) =>
      Array.from(line.matchAll(pattern), ({ index: at, 0: match }): Edit => ({
        operator,
        start: offset + at,
        end: offset + at + match.length,
        replacement: replacement(match)
      }))
    )
    const next = lines.slice(index + 1).find(each => each.trim() !== '') ?? ''
    if (!isStatement(line, lines[index - 1] ?? '', next)) return edits
    const end = offset + line.length
    return [...edits, { operator: 'drop line', start: offset, end, replacement: '' }]
  })
}

/** Comments and prose, such as names of workflow steps. */
const isProse = (file: string, line: string) =>
  /^\s*(#|\/\/|\{\{-?\s*\/\*|$)/.test(line) ||
  /^\s*-?\s*(description|summary|title|echo|printf)\b/.test(line) ||
  (file.startsWith('.github/') && /^\s*-?\s*name:/.test(line)) ||
  /^\s*[A-Z][a-z]+ .*[.:]$/.test(line)

const CONTINUED = /(\\|&&|\|)\s*$/
/** Lines that open, continue or end a block or a longer statement. */
const PARTS = [
  /^\s*(\}|\)|fi|done|esac|else|then|do|;;|\{\{-? ?(if|else|end|with|range|define))/,
  /(\{|\(|then|do|\|-?|>-?)\s*$/,
  /^\s*(if|for|while|case|elif|until)\b|<<|^\s*[\w*|"-]+\)/,
  /\{\{#|\{\{\/|\{\{else/,
  CONTINUED
]

/** Whether a line can be removed alone: it is a whole statement, or a property without children. */
function isStatement (line: string, before: string, next: string): boolean {
  if (CONTINUED.test(before) || PARTS.some(part => part.test(line))) return false
  const indent = (text: string) => /^[\s-]*/.exec(text)![0].length
  return indent(next) <= indent(line) || !/:\s*$/.test(line)
}
