/** Blocks of Alloy's configuration as an object: what Alloy reads, without its layout. */
type Block = Record<string, any>

/** JSON where the text is JSON, else the expression itself. */
function valueOf (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return `code: ${text}`
  }
}

/**
 * Reads Alloy's configuration. A block that stands there several times becomes a list.
 * @throws Error for a line that is no block, attribute or comment
 */
export function blocksOf (content: string): Block {
  const open: Block[] = [{}]
  const add = (name: string, block: Block) => {
    const parent = open[0]!
    parent[name] = name in parent ? [parent[name], block].flat() : block
  }
  for (const line of content.split('\n').map(text => text.trim()).filter(Boolean)) {
    const [, attribute, value] = /^(\w+)\s+= (.*)$/.exec(line) ?? []
    const [, name, label, inner] = /^([\w.]+)(?: "(\w+)")? \{(?:(.*)\})?$/.exec(line) ?? []
    if (line.startsWith('//')) continue
    if (line === '}') open.shift()
    else if (attribute) open[0]![attribute] = valueOf(value!)
    else if (name) {
      const block = inner?.trim() ? blocksOf(inner) : {}
      add(label ? `${name} ${label}` : name, block)
      if (inner === undefined) open.unshift(block)
    } else throw new Error(`neither block nor attribute: ${line}`)
  }
  if (open.length !== 1) throw new Error('a block is not closed, or closed twice')
  return open[0]!
}
