/** Holds the two ways of decoding a record together. */
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"

/** A copy with one random part replaced by something else. */
const damaged = (value: unknown, choices: ReadonlyArray<number>, part: unknown): unknown => {
  const [choice = 0, ...rest] = choices
  if (Array.isArray(value) && value.length > 0) {
    const at = choice % value.length
    return value.map((item: unknown, i) => (i === at ? damaged(item, rest, part) : item))
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    const keys = Object.keys(value)
    const key = keys[choice % keys.length] as string
    return { ...value, [key]: damaged((value as { [key: string]: unknown })[key], rest, part) }
  }
  return part
}

/**
 * A value is a record for the guard exactly if it is one for the schema: for values of the schema, for such values with
 * one part replaced, and for any JSON.
 */
export const guardAgreesWithSchema = <A, I>(
  schema: Schema.Schema<A, I>,
  read: (values: ReadonlyArray<unknown>) => {
    readonly records: ReadonlyArray<unknown>
    readonly bad: ReadonlyArray<{ readonly detail?: unknown }>
  },
): void => {
  const isRecord = Schema.is(Schema.encodedSchema(schema))
  const good = Arbitrary.make(Schema.encodedSchema(schema))
  const part = fc.constantFrom<unknown>(null, 5, "text", [], {}, true)
  const bad = fc
    .tuple(good, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), part)
    .map(([value, choices, other]) => damaged(value, choices, other))
  let seen = 0
  fc.assert(
    fc.property(fc.oneof(good, bad, fc.jsonValue()), (given) => {
      const value: unknown = JSON.parse(JSON.stringify(given))
      const expected = isRecord(value)
      if (expected) seen++
      const result = read([value])
      assert.deepStrictEqual([result.records.length, result.bad.length], expected ? [1, 0] : [0, 1])
    }),
    { numRuns: 200 },
  )
  assert.isAbove(seen, 20)
}
