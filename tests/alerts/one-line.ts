/** The same value whose texts are on one line, without blanks inside of parentheses. */
export const onOneLine = (value: object): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/(?:\\n|\s)+/g, ' ')
      .replaceAll(/(?<=\() | (?=\))/g, '')
  )
