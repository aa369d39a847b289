import ts from 'typescript'
import { slipOf, type Edit } from './mutant.ts'

/** Operators that replace each other. */
const SWAPS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*']
])

/** Properties that contain prose. */
const PROSE = new Set(['description', 'summary', 'title', 'meaning', 'help'])

/** Mutants of TypeScript or JavaScript. */
export function typescriptEdits (file: string, text: string): Edit[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const edits: Edit[] = []
  const replace = (node: ts.Node, operator: string, replacement: string) => {
    edits.push({ operator, start: node.getStart(), end: node.getEnd(), replacement })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (ts.isTypeNode(node)) return
    if (ts.isPropertyAssignment(node) && PROSE.has(node.name.getText())) return
    edits.push(...dropsIn(node, text))
    conditionEdits(node, replace)
    literalEdits(node, replace)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return edits
}

/** Properties, elements and statements that can be removed. */
function dropsIn (node: ts.Node, text: string): Edit[] {
  const drop = (operator: string, child: ts.Node): Edit => {
    const comma = /^\s*,/.exec(text.slice(child.getEnd()))?.[0].length ?? 0
    return { operator, start: child.getStart(), end: child.getEnd() + comma, replacement: '' }
  }
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties
      .filter(property => !ts.isMethodDeclaration(property))
      .map(property => drop('drop property', property))
  }
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.map(each => drop('drop element', each))
  }
  if (ts.isExpressionStatement(node)) {
    return [{ ...drop('drop statement', node), replacement: ';' }]
  }
  return []
}

type Replace = (node: ts.Node, operator: string, replacement: string) => void

function conditionEdits (node: ts.Node, replace: Replace): void {
  if (ts.isIfStatement(node)) {
    replace(node.expression, 'invert condition', `!(${node.expression.getText()})`)
  }
  if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'invert condition', `!(${node.condition.getText()})`)
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    replace(node, 'drop negation', node.operand.getText())
  }
  if (ts.isBinaryExpression(node)) {
    const other = SWAPS.get(node.operatorToken.kind)
    if (other) replace(node.operatorToken, 'swap operator', other)
  }
}

function literalEdits (node: ts.Node, replace: Replace): void {
  if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'flip boolean', 'false')
  if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'flip boolean', 'true')
  if (ts.isNumericLiteral(node) && /^[\d_.]+$/.test(node.getText())) {
    replace(node, 'change number', slipOf(node.getText()))
  }
  if (ts.isStringLiteral(node) && /^[^\s]+$/.test(node.text) && !ts.isPropertyName(node.parent)) {
    const quoted = node.getText()
    replace(node, 'misspell string', `${quoted.slice(0, -1)}x${quoted.at(-1)}`)
  }
  if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) regularExpressionEdits(node, replace)
}

function regularExpressionEdits (node: ts.Node, replace: Replace): void {
  const text = node.getText()
  if (text.startsWith('/^')) replace(node, 'drop anchor', `/${text.slice(2)}`)
  if (/[^\\]\$\/\w*$/.test(text)) replace(node, 'drop anchor', text.replace(/\$(\/\w*)$/, '$1'))
  if (/\/\w*i\w*$/.test(text)) replace(node, 'drop flag', text.replace(/i(\w*)$/, '$1'))
}
