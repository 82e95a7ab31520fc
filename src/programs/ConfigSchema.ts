/** The JSON Schema of the config, for editors: made from the same definitions that the check uses. */
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import type { FilterDefinition, OptionFields, TaskDefinition } from "../domain/Component.ts"
import { fieldsOf } from "./Config.ts"

type Json = { readonly [key: string]: unknown }

const nothing: Json = { type: "null" }

/** A key that is null is absent. */
const orNull = (schema: Json): Json => (Object.keys(schema).length === 0 ? schema : { anyOf: [schema, nothing] })

/** Puts definitions in place of the references to them, and leaves out the titles, which name types of this package. */
const plain = (value: unknown, definitions: Json): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, definitions))
  if (typeof value !== "object" || value === null) return value
  const ref = (value as Json)["$ref"]
  if (typeof ref === "string") return plain(definitions[ref.replace("#/$defs/", "")], definitions)
  // An option may be called so as well: then it holds a schema.
  const entries = Object.entries(value).filter(
    ([key, item]) => !((key === "title" || key === "$id") && typeof item === "string"),
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, definitions)]))
}

interface ObjectSchema extends Json {
  readonly properties: { readonly [key: string]: Json }
  readonly required: ReadonlyArray<string>
}

const optionsSchema = (fields: OptionFields): ObjectSchema => {
  const struct = Schema.Struct(fields) as unknown as Schema.Schema<unknown>
  const { $defs = {}, $schema: _, ...made } = JSONSchema.make(struct) as unknown as Json
  const schema = plain(made, $defs as Json) as ObjectSchema
  const properties = Object.entries(schema.properties).map(
    ([key, property]) => [key, schema.required.includes(key) ? property : orNull(property)] as const,
  )
  return { ...schema, properties: Object.fromEntries(properties) }
}

const filterSchema = (filters: ReadonlyArray<FilterDefinition>): Json => ({
  anyOf: [
    { enum: filters.map(({ name }) => name) },
    ...filters.map(({ description, name, options }) => ({
      type: "object",
      description,
      required: [name],
      additionalProperties: false,
      properties: { [name]: orNull(optionsSchema(options ?? {})) },
    })),
  ],
})

const filtersSchema: Json = orNull({ type: "array", items: { $ref: "#/$defs/filter" } })

const taskSchema = (task: TaskDefinition): ObjectSchema => {
  const schema = optionsSchema(fieldsOf(task))
  return { ...schema, description: task.description, properties: { ...schema.properties, filters: filtersSchema } }
}

/** JSON Schema (draft 7) of a config that uses these components. Plug-ins may know more names. */
export const configSchema = (tasks: ReadonlyArray<TaskDefinition>, filters: ReadonlyArray<FilterDefinition>): Json => {
  const sections = tasks.map((task) => ({ name: task.name, schema: taskSchema(task) }))
  const ref = (name: string): Json => ({ $ref: `#/$defs/${name}` })
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "data-toolbox config",
    type: ["object", "null"],
    properties: {
      defaults: orNull({ type: "object", additionalProperties: false, properties: { filters: filtersSchema } }),
      plugins: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "string" }, nothing] },
      ...Object.fromEntries(
        sections.map(({ name, schema }) => [name, schema.required.length === 0 ? orNull(ref(name)) : ref(name)]),
      ),
    },
    // A section under a name of your own says which task it runs.
    additionalProperties: {
      type: "object",
      required: ["task"],
      properties: { task: { enum: tasks.map(({ name }) => name) } },
      allOf: sections.map(({ name }) => ({
        if: { required: ["task"], properties: { task: { const: name } } },
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: ref(name),
      })),
    },
    $defs: {
      filter: filterSchema(filters),
      ...Object.fromEntries(sections.map(({ name, schema }) => [name, schema])),
    },
  }
}
