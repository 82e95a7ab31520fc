/** The JSON Schema of the config, for editors: made from the same definitions that the check uses. */
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import type { FilterDefinition, OptionFields, TaskDefinition } from "../domain/Component.ts"
import { commonFields } from "./Config.ts"

type Json = { readonly [key: string]: unknown }

/** An option may be absent and may be null, which means absent. */
const fieldsSchema = (fields: OptionFields): Json => {
  const schema = Schema.Struct(fields) as unknown as Schema.Schema<unknown>
  const { $defs = {}, $schema: _, ...rest } = JSONSchema.make(schema) as unknown as Json & { readonly $defs?: Json }
  return inline(rest, $defs) as Json
}

/** Puts definitions in place of the references to them: the parts of the schema then stand on their own. */
const inline = (value: unknown, definitions: Json): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => inline(item, definitions))
  if (typeof value !== "object" || value === null) return value
  const name = /^#\/\$defs\/(.+)$/.exec(String((value as Json)["$ref"] ?? ""))?.[1]
  if (name !== undefined) return inline(definitions[name], definitions)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inline(item, definitions)]))
}

const filterSchema = (filters: ReadonlyArray<FilterDefinition>): Json => ({
  anyOf: [
    { enum: filters.map(({ name }) => name) },
    ...filters.map(({ description, name, options }) => ({
      type: "object",
      description,
      required: [name],
      additionalProperties: false,
      properties: { [name]: fieldsSchema(options ?? {}) },
    })),
  ],
})

const taskSchema = ({ dataset, description, options }: TaskDefinition): Json => {
  const schema = fieldsSchema({ ...commonFields, ...dataset.options, ...options }) as Json & {
    readonly properties: Json
  }
  const { filters: _, ...properties } = schema.properties
  return {
    ...schema,
    description,
    properties: {
      ...properties,
      filters: { anyOf: [{ type: "array", items: { $ref: "#/$defs/filter" } }, { type: "null" }] },
    },
  }
}

/** JSON Schema (draft 7) of a config that uses these components. Plug-ins may know more names. */
export const configSchema = (tasks: ReadonlyArray<TaskDefinition>, filters: ReadonlyArray<FilterDefinition>): Json => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "data-toolbox config",
  type: "object",
  properties: {
    defaults: {
      type: "object",
      additionalProperties: false,
      properties: { filters: { type: "array", items: { $ref: "#/$defs/filter" } } },
    },
    plugins: { type: "array", items: { type: "string" } },
    ...Object.fromEntries(tasks.map((task) => [task.name, { anyOf: [taskSchema(task), { type: "null" }] }])),
  },
  // A section under a name of your own says which task it runs.
  additionalProperties: {
    type: "object",
    required: ["task"],
    properties: { task: { enum: tasks.map(({ name }) => name) } },
  },
  $defs: { filter: filterSchema(filters) },
})
