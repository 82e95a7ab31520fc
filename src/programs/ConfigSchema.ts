/** The JSON Schema of the config, for editors: made from the same definitions that the check uses. */
import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { FilterDefinition, OptionFields, TaskDefinition } from "../domain/Component.ts"
import { fieldsOf } from "./Config.ts"

type Json = { readonly [key: string]: unknown }

const nothing: Json = { type: "null" }

/** A key that is null is absent. */
const orNull = (schema: Json): Json => {
  const { anyOf, ...rest } = schema
  if (Object.keys(schema).length === 0) return schema
  if (!Array.isArray(anyOf) || Object.keys(rest).length > 0) return { anyOf: [schema, nothing] }
  const isNullable = anyOf.some((one: Json) => one["type"] === "null")
  return isNullable ? schema : { anyOf: [...(anyOf as ReadonlyArray<Json>), nothing] }
}

/** Puts definitions in place of the references to them, and leaves out the titles, which name types of this package. */
const plain = (value: unknown, definitions: Json): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, definitions))
  if (typeof value !== "object" || value === null) return value
  const ref = (value as Json)["$ref"]
  if (typeof ref === "string") {
    // What stands beside a reference narrows it.
    const { $ref: _, ...more } = value as Json
    return { ...(plain(definitions[ref.replace("#/$defs/", "")], definitions) as Json), ...(plain(more, {}) as Json) }
  }
  // An option may be called so as well: then it holds a schema.
  const entries = Object.entries(value).filter(
    ([key, item]) => !((key === "title" || key === "$id") && typeof item === "string"),
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, definitions)]))
}

export interface ObjectSchema extends Json {
  readonly properties: { readonly [key: string]: Json }
  readonly required: ReadonlyArray<string>
}

/** What an option is for and what it is when it is not given, as far as its definition says. */
const told = (key: string, field: Schema.Struct.Field): Json => {
  const struct = Schema.Struct({ [key]: field }) as unknown as Schema.Schema<{ readonly [key: string]: unknown }>
  // An option that is decoded into something else has its annotations on the decoded side.
  const annotated = [struct.ast, AST.typeAST(struct.ast)].flatMap((ast) =>
    AST.isTypeLiteral(ast) ? ast.propertySignatures.flatMap((one) => [one, one.type]) : [],
  )
  const description = annotated.map((one) => AST.getDescriptionAnnotation(one)).find(Option.isSome)
  const given = Either.getOrUndefined(Schema.decodeUnknownEither(struct)({}))?.[key]
  return {
    ...(description === undefined ? {} : { description: description.value }),
    ...(given === undefined ? {} : { default: given }),
  }
}

/** The options of a component, each with its description and default. */
export const optionsSchema = (fields: OptionFields): ObjectSchema => {
  if (Object.keys(fields).length === 0)
    return { type: "object", properties: {}, required: [], additionalProperties: false }
  const struct = Schema.Struct(fields) as unknown as Schema.Schema<unknown>
  const { $defs = {}, $schema: _, ...made } = JSONSchema.make(struct) as unknown as Json
  const schema = plain(made, $defs as Json) as ObjectSchema
  const properties = Object.entries(schema.properties).map(([key, { description: _d, ...property }]) => {
    const typed = schema.required.includes(key) ? property : orNull(property)
    return [key, { ...typed, ...told(key, fields[key] as Schema.Struct.Field) }] as const
  })
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
  return {
    ...schema,
    description: task.description,
    properties: { ...schema.properties, filters: { ...schema.properties["filters"], ...filtersSchema } },
  }
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
      defaults: orNull({
        type: "object",
        additionalProperties: false,
        properties: { filters: { ...filtersSchema, description: "Filters of tasks that name none of their own." } },
      }),
      plugins: {
        description: "Modules with datasets, tasks, filters or formats, relative to the config.",
        anyOf: [{ type: "array", items: { type: "string" } }, { type: "string" }, nothing],
      },
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
