// Options of a component as rows of a table, from their JSON Schema.
import { optionsSchema } from "../../dist/programs/ConfigSchema.js"

const isNull = (schema) => schema.type === "null"

/** Alternatives of a schema without null, unfolded. */
const choices = (schema) =>
  (schema.anyOf ?? [schema])
    .flatMap((one) => (one.anyOf === undefined ? [one] : choices(one)))
    .filter((one) => !isNull(one))

const code = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``

const range = ({ exclusiveMinimum, maximum, minimum }) => {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return `, at least ${minimum}`
  if (exclusiveMinimum !== undefined) return exclusiveMinimum === 0 ? " above 0" : `, more than ${exclusiveMinimum}`
  return maximum === undefined ? "" : `, at most ${maximum}`
}

const typeOfOne = (schema) => {
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ")
  if (schema.const !== undefined) return code(schema.const)
  if (schema.$ref === "#/$defs/filter") return "filter"
  switch (schema.type) {
    case "integer":
      return `whole number${range(schema)}`
    case "number":
      return `number${range(schema)}`
    case "boolean":
      return "`true`, `false`"
    case "string":
      return "text"
    case "array":
      return schema.items?.enum === undefined
        ? `list of ${typeOf(schema.items ?? {})}s`
        : `list of: ${typeOf(schema.items)}`
    case "object":
      return schema.properties === undefined || Object.keys(schema.properties).length === 0
        ? `mapping of text to: ${typeOf(Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties ?? {})}`
        : "mapping"
    default:
      return "anything"
  }
}

/** The type of a schema in words. */
export const typeOf = (schema) => [...new Set(choices(schema).map(typeOfOne))].join("; or ")

const defaultOf = (schema, isRequired) => {
  if (isRequired) return "needed"
  if (schema.default === undefined) return ""
  const value = schema.default
  if (Array.isArray(value)) return value.length === 0 ? "none" : code(`[${value.join(", ")}]`)
  if (typeof value === "object") return Object.keys(value).length === 0 ? "none" : "below"
  return code(value)
}

/** Text for a cell of a table. */
export const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ")

const rowsOf = (schema, prefix, given) =>
  Object.entries(schema.properties).flatMap(([key, option]) => {
    const name = prefix + key
    if (option.description === undefined) throw new Error(`the option ${name} has no description`)
    const inner = choices(option).filter(
      (one) => one.properties !== undefined && Object.keys(one.properties).length > 0,
    )
    const own = given?.[key] === undefined ? option : { ...option, default: given[key] }
    return [
      `| \`${name}\` | ${cell(name === "filters" ? "list of filters" : typeOf(option))} | ${cell(defaultOf(own, (schema.required ?? []).includes(key)))} | ${cell(option.description)} |`,
      ...inner.flatMap((one) => rowsOf(one, `${name}.`, own.default)),
    ]
  })

/** A table of options; undefined where there are none. */
export const optionsTable = (fields = {}) => {
  const rows = rowsOf(optionsSchema(fields), "")
  return rows.length === 0
    ? undefined
    : ["| option | value | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n")
}
