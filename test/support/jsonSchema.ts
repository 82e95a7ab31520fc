/** A validator for the part of JSON Schema that the package's own schemas use; another keyword is an error. */

export type Json = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): ReadonlyArray<string> => {
  if (value === null) return ["null"]
  if (Array.isArray(value)) return ["array"]
  if (Number.isInteger(value)) return ["number", "integer"]
  return [typeof value]
}

export const all = (value: unknown): ReadonlyArray<Json> => value as ReadonlyArray<Json>

/** What a reference inside a schema leads to. */
export const resolveIn =
  (root: Json) =>
  (ref: string): Json => {
    const found = ref
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>((value, key) => (value as Json)[key], root)
    if (!isObject(found)) throw new Error(`nothing at ${ref}`)
    return found
  }

/** Whether values fit a schema. */
export const validatorOf = (root: Json): ((value: unknown) => boolean) => {
  const resolveRef = resolveIn(root)

  /** The keywords that the schema uses; each answers whether a value is right. */
  const keywords: { readonly [keyword: string]: (given: unknown, value: unknown, schema: Json) => boolean } = {
    $schema: () => true,
    $defs: () => true,
    title: () => true,
    description: () => true,
    default: () => true,
    $ref: (ref, value) => valid(resolveRef(ref as string), value),
    type: (given, value) => [given].flat().some((type) => typeOf(value).includes(type as string)),
    enum: (given, value) => (given as ReadonlyArray<unknown>).includes(value),
    const: (given, value) => given === value,
    anyOf: (given, value) => all(given).some((one) => valid(one, value)),
    allOf: (given, value) => all(given).every((one) => valid(one, value)),
    if: (given, value, schema) => !valid(given as Json, value) || valid(schema["then"] as Json, value),
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: () => true,
    required: (given, value) =>
      !isObject(value) || (given as ReadonlyArray<string>).every((key) => Object.hasOwn(value, key)),
    properties: (given, value) =>
      !isObject(value) ||
      Object.entries(given as { readonly [key: string]: Json }).every(
        ([key, schema]) => !Object.hasOwn(value, key) || valid(schema, value[key]),
      ),
    additionalProperties: (given, value, schema) =>
      !isObject(value) ||
      Object.entries(value).every(
        ([key, item]) =>
          Object.hasOwn((schema["properties"] ?? {}) as Json, key) || (given !== false && valid(given as Json, item)),
      ),
    items: (given, value) => !Array.isArray(value) || value.every((item) => valid(given as Json, item)),
    minItems: (given, value) => !Array.isArray(value) || value.length >= (given as number),
    minLength: (given, value) => typeof value !== "string" || value.length >= (given as number),
    minimum: (given, value) => typeof value !== "number" || value >= (given as number),
    exclusiveMinimum: (given, value) => typeof value !== "number" || value > (given as number),
    maximum: (given, value) => typeof value !== "number" || value <= (given as number),
  }

  const valid = (schema: Json, value: unknown): boolean =>
    Object.entries(schema).every(([keyword, given]) => {
      const test = keywords[keyword]
      if (test === undefined) throw new Error(`the validator does not know "${keyword}"`)
      return test(given, value, schema)
    })

  return (value) => valid(root, value)
}
