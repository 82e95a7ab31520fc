import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { readValues } from "./Decode.ts"

/** A user's own files: JSON lines, JSON arrays, CSV or Parquet, also gzipped. A record is whatever they hold. */
export const Files: DatasetDefinition<unknown> = {
  name: "files",
  description: "your own files: JSON lines, JSON arrays, CSV, Parquet, also gzipped",
  folder: "",
  files: [],
  reader: "auto",
  schema: Schema.Unknown,
  options: {
    /** Globs relative to the folder. */
    files: Schema.Union(
      Schema.NonEmptyArray(Schema.NonEmptyString),
      Schema.transform(Schema.NonEmptyString, Schema.NonEmptyArray(Schema.NonEmptyString), {
        decode: (file) => [file] as const,
        encode: ([file]) => file,
      }),
    ),
  },
  open: readValues(Schema.Unknown, (value) => value ?? {}),
}
