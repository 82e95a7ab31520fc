/** Helpers of the datasets: from decoded JSON to records. */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { DatasetContext, RecordSink, SliceInput, Opaque } from "../../domain/Component.ts"
import { evidence } from "../../domain/Rejection.ts"
import { eachValue, type EachOptions } from "../readers/Each.ts"

/** Any object that is no array. */
export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const isString = (value: unknown): value is string => typeof value === "string"

/** A list of objects that all pass the test. */
export const isListOf = (value: unknown, test: (item: { readonly [key: string]: unknown }) => boolean): boolean =>
  Array.isArray(value) && value.every((item: unknown) => isObject(item) && test(item))

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "")

/** Why a value is no record: the first problem with its key path. Only for values that a guard has refused. */
export const explain = (schema: Schema.Schema<Opaque, Opaque>, value: unknown): string => {
  const result = Schema.decodeUnknownEither(schema, { errors: "first" })(value)
  if (result._tag === "Right") return "not in the expected shape"
  const issue = ParseResult.ArrayFormatter.formatErrorSync(result.left)[0]
  if (issue === undefined) return "not in the expected shape"
  const path = formatPath(issue.path)
  return evidence(`${path === "" ? "" : `${path}: `}${issue.message.split("\n")[0] ?? ""}`)
}

/**
 * Reads a dataset whose records are single values: `decode` is the fast path and answers undefined for what is no
 * record, which the schema then explains.
 */
export const readValues =
  <A>(
    schema: Schema.Schema<A, Opaque>,
    decode: (value: unknown, extra: { readonly key?: string; readonly count?: number }) => A | undefined,
    options: EachOptions = {},
  ) =>
  (_context: DatasetContext) =>
  (input: SliceInput, sink: RecordSink<A>): void => {
    if (givenRecords(input, sink)) return
    eachValue(input, options, {
      value: (value, place, index, extra) => {
        const record = decode(value, extra)
        if (record === undefined) sink.bad("MalformedRecord", place, explain(schema, value))
        else sink.record(record, place, index)
      },
      bad: sink.bad,
      blankLines: sink.blankLines,
      repaired: sink.repaired,
    })
  }

/** Passes on records that an app or a test gave; true when the input was such. */
export const givenRecords = <A>(input: SliceInput, sink: RecordSink<A>): boolean => {
  if (input.kind !== "records") return false
  input.records.forEach((record, i) => {
    const index = input.first.index + i
    sink.record(record as A, { file: "records", index }, index)
  })
  return true
}
