import ts from 'typescript'
import { SWAPS, similarNumber, type Edit } from './edit.ts'

/** Properties that contain prose, or the URL of a schema. */
const PROSE = /^['"]?(description|summary|title|meaning|help|note|successor|\$schema)['"]?$/

/** Mutants of TypeScript, JavaScript or JSON. */
export function syntaxEdits (file: string, text: string): Edit[] {
  const edits: Edit[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isPropertyAssignment(node) && PROSE.test(node.name.getText())) return
    edits.push(...editsOf(node))
    ts.forEachChild(node, visit)
  }
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  visit(file.endsWith('.json') ? source.statements[0]!.getChildAt(0) : source)
  return edits
}

const replace = (operator: string, node: ts.Node, replacement: string): Edit =>
  ({ operator, start: node.getStart(), end: node.getEnd(), replacement })

const invert = (condition: ts.Expression) =>
  replace('invert condition', condition, `!(${condition.getText()})`)

/** Removes a property or an element, with the comma after it or else before it. */
function drop (operator: string, node: ts.Node): Edit {
  const { text } = node.getSourceFile()
  const edit = replace(operator, node, '')
  const after = /^\s*,[^\S\n]*/.exec(text.slice(edit.end))
  if (after) return { ...edit, end: edit.end + after[0].length }
  return { ...edit, start: text.slice(0, edit.start).replace(/,\s*$/, '').length }
}

function editsOf (node: ts.Node): Edit[] {
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties
      .filter(property => !ts.isMethodDeclaration(property))
      .map(property => drop('drop property', property))
  }
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.map(each => drop('drop element', each))
  }
  if (ts.isExpressionStatement(node)) return [replace('drop statement', node, ';')]
  if (ts.isIfStatement(node)) return [invert(node.expression)]
  if (ts.isConditionalExpression(node)) return [invert(node.condition)]
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [replace('drop negation', node, node.operand.getText())]
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) {
    const other = SWAPS[node.operatorToken.getText()]
    return other ? [replace('swap operator', node.operatorToken, other)] : []
  }
  return literalEdits(node)
}

function literalEdits (node: ts.Node): Edit[] {
  const text = node.getText()
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
    return [replace('flip boolean', node, SWAPS[text]!)]
  }
  if (ts.isNumericLiteral(node) && /^[\d_.]+$/.test(text)) {
    return [replace('change number', node, similarNumber(text))]
  }
  if (ts.isStringLiteral(node) && /^\S+$/.test(node.text)) {
    return [replace('misspell string', node, `${text.slice(0, -1)}x${text.at(-1)}`)]
  }
  if (!ts.isRegularExpressionLiteral(node)) return []
  return [
    replace('drop anchor', node, text.replace(/^\/\^/, '/')),
    replace('drop anchor', node, text.replace(/(?<!\\)\$(?=\/\w*$)/, '')),
    replace('drop flag', node, text.replace(/i(?=\w*$)/, ''))
  ]
}
