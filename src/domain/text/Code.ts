/**
 * Whether a text is code or markup rather than prose, by its signs: prose of any language has hardly any of them. Start
 * value: on 26,000 instruction replies a share of 3 % parts fenced and unfenced code from prose, verse and tables of numbers.
 */
const leastShare = 0.03

/** Signs of which a single one is nothing: a lone `=` or `<3`. */
const leastSigns = 4

const signs = new Uint8Array(128)
for (const character of "{}[]<>=;\\|+&#$^") signs[character.charCodeAt(0)] = 1

/** One pass. */
export const isCode = (text: string): boolean => {
  let characters = 0
  let found = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit <= 0x20) continue
    characters++
    if (unit < 128 && signs[unit] === 1) found++
  }
  return found >= leastSigns && found >= leastShare * characters
}
