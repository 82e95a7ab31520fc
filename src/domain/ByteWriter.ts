/**
 * JSON straight into bytes: what `JSON.stringify` gives, without the string between. A row is mostly text, and text is
 * looked at once for what has to be escaped: half the time of stringifying and encoding (`bench/rows.mjs`).
 */

/** Bytes that are escaped in a JSON string. */
const escaped = new Uint8Array(256)
escaped.fill(1, 0, 0x20)
escaped[0x22] = 1
escaped[0x5c] = 1

/** What follows the backslash; 0 where a number has to. */
const letters = new Uint8Array(256)
for (const [byte, letter] of [
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0c, "f"],
  [0x0d, "r"],
  [0x22, '"'],
  [0x5c, "\\"],
] as const)
  letters[byte] = letter.charCodeAt(0)

const hexDigits = Buffer.from("0123456789abcdef")
const quote = 0x22

/** Text of this length is written faster than handed over. */
const shortText = 24

/** Units of UTF-16 that are written at once. */
const pieceUnits = 1 << 14

/** Names of members that are kept as bytes; a plug-in's rows may have any number of them. */
const maxNames = 500

/** Room that is not kept when a large row has needed it. */
const maxKept = 4 * 1024 * 1024

/** Bytes that grow at their end, and may be cut there. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(1 << 16)
  readonly #scratch = Buffer.allocUnsafeSlow(3 * pieceUnits)
  #length = 0
  readonly #names = new Map<string, Uint8Array>()

  get length(): number {
    return this.#length
  }

  /** Cuts what stands behind; at 0 room that is larger than usual is given back. */
  cut(length: number): void {
    this.#length = length
    if (length === 0 && this.#bytes.length > maxKept) this.#bytes = Buffer.allocUnsafeSlow(1 << 16)
  }

  /** The bytes so far, until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  bytes(values: Uint8Array): void {
    this.#room(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
  }

  /** Text as UTF-8. */
  text(text: string): void {
    this.#room(3 * text.length)
    this.#length += this.#bytes.write(text, this.#length, "utf8")
  }

  /**
   * A value as JSON. Throws as `JSON.stringify` does where there is none (a cycle, a BigInt, nesting beyond the stack); what
   * was written of it by then is to be cut.
   */
  json(value: unknown): void {
    if (!this.#value(value)) this.text("null")
  }

  #room(more: number): void {
    const need = this.#length + more
    if (need <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }

  /** False where JSON has nothing for a value: undefined, a function, a symbol. */
  #value(value: unknown): boolean {
    switch (typeof value) {
      case "string":
        this.#string(value)
        return true
      case "number":
        this.#number(value)
        return true
      case "object":
        if (value === null) this.text("null")
        else if (Array.isArray(value) && !("toJSON" in value)) this.#list(value)
        else if (isPlain(value)) this.#object(value)
        else return this.#other(value)
        return true
      default:
        return this.#other(value)
    }
  }

  #other(value: unknown): boolean {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) return false
    this.text(text)
    return true
  }

  #list(list: ReadonlyArray<unknown>): void {
    this.byte(0x5b)
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.byte(0x2c)
      this.json(list[i])
    }
    this.byte(0x5d)
  }

  #object(object: object): void {
    this.byte(0x7b)
    let isFirst = true
    for (const name of Object.keys(object)) {
      const before = this.#length
      if (!isFirst) this.byte(0x2c)
      this.#name(name)
      if (this.#value((object as { readonly [key: string]: unknown })[name])) isFirst = false
      else this.#length = before
    }
    this.byte(0x7d)
  }

  #name(name: string): void {
    let bytes = this.#names.get(name)
    if (bytes === undefined) {
      bytes = Buffer.from(`${JSON.stringify(name)}:`)
      if (this.#names.size < maxNames) this.#names.set(name, bytes)
    }
    this.bytes(bytes)
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 999_999) {
      this.text(Number.isFinite(value) ? String(value) : "null")
      return
    }
    // Token numbers: rows of them hold nothing else.
    this.#room(6)
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    const end = this.#length + digits
    let rest = value
    for (let at = end - 1; at >= this.#length; at--) {
      const next = (rest / 10) | 0
      this.#bytes[at] = 48 + rest - next * 10
      rest = next
    }
    this.#length = end
  }

  #string(text: string): void {
    if (text.length <= shortText && this.#shortAscii(text)) return
    // Halves of surrogate pairs are written as numbers: rare enough.
    if (!text.isWellFormed()) return this.text(JSON.stringify(text))
    this.byte(quote)
    if (text.length <= pieceUnits) this.#piece(text)
    else {
      for (let from = 0; from < text.length; ) {
        let to = Math.min(text.length, from + pieceUnits)
        // Not between the halves of a pair.
        if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to--
        this.#piece(text.slice(from, to))
        from = to
      }
    }
    this.byte(quote)
  }

  /** Writes a short text of ASCII without anything to escape; false where it is none. */
  #shortAscii(text: string): boolean {
    this.#room(text.length + 2)
    const out = this.#bytes
    let at = this.#length
    out[at++] = quote
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80 || escaped[unit] === 1) return false
      out[at++] = unit
    }
    out[at++] = quote
    this.#length = at
    return true
  }

  /** Four bytes at a time: most of them need nothing. */
  #piece(text: string): void {
    // A control character becomes six bytes, a unit of UTF-16 at most three.
    this.#room(6 * text.length)
    const from = this.#scratch
    const size = from.write(text, 0, "utf8")
    const out = this.#bytes
    let at = this.#length
    let i = 0
    for (; i + 4 <= size; i += 4) {
      const a = from[i] as number
      const b = from[i + 1] as number
      const c = from[i + 2] as number
      const d = from[i + 3] as number
      if (((escaped[a] as number) | (escaped[b] as number) | (escaped[c] as number) | (escaped[d] as number)) === 0) {
        out[at] = a
        out[at + 1] = b
        out[at + 2] = c
        out[at + 3] = d
        at += 4
      } else for (let k = i; k < i + 4; k++) at = put(out, from[k] as number, at)
    }
    for (; i < size; i++) at = put(out, from[i] as number, at)
    this.#length = at
  }
}

const put = (out: Uint8Array, byte: number, at: number): number => {
  if (escaped[byte] === 0) {
    out[at] = byte
    return at + 1
  }
  out[at] = 0x5c
  const letter = letters[byte] as number
  if (letter !== 0) {
    out[at + 1] = letter
    return at + 2
  }
  out[at + 1] = 0x75
  out[at + 2] = 0x30
  out[at + 3] = 0x30
  out[at + 4] = hexDigits[byte >> 4] as number
  out[at + 5] = hexDigits[byte & 15] as number
  return at + 6
}

/** Whether JSON of an object is its own members and nothing else. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value)
}
