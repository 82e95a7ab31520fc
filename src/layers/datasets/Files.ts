import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { limitsOption } from "../readers/Archive.ts"
import { encodingOption } from "../readers/Encoding.ts"
import { readValues } from "./Decode.ts"

/**
 * A user's own files: JSON lines, JSON, CSV, Parquet, YAML or transcripts, also packed. A record is whatever they hold.
 */
export const Files: DatasetDefinition<unknown> = {
  name: "files",
  description: "your own files: JSON lines, JSON, CSV, Parquet, YAML, transcripts, also packed or in archives",
  folder: "",
  files: [],
  reader: "auto",
  schema: Schema.Unknown,
  options: {
    files: Schema.Union(
      Schema.NonEmptyArray(Schema.NonEmptyString),
      Schema.transform(Schema.NonEmptyString, Schema.NonEmptyArray(Schema.NonEmptyString), {
        decode: (file) => [file] as const,
        encode: ([file]) => file,
      }),
    ).annotations({
      description:
        "Globs relative to the folder; of an archive, members may be named behind `!/`: `dump.zip!/chats/*.jsonl`.",
    }),
    path: Schema.optionalWith(Schema.NonEmptyString, { nullable: true }).annotations({
      description:
        "Where a JSON or YAML file holds its records: keys with dots between them that lead to an array or an object whose members are the records; `*` for the members of the top level, `.` for the top-level values themselves.",
    }),
    encoding: encodingOption.annotations({
      description: "Encoding of the files, where it is not UTF-8; UTF-16 with a byte-order mark need not be told.",
    }),
    limits: limitsOption.annotations({ description: "What archives and packed files may hold at most." }),
  },
  open: readValues(Schema.Unknown, (value) => value ?? {}),
}
