/**
 * A Tag for each dataset of the package. `layer` reads the data folder, `layerRecords` gives records: what a test or an
 * embedding app provides takes the place of the raw data.
 */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type { DatasetDefinition, Opaque } from "../domain/Component.ts"
import type { DatasetService } from "../services/Dataset.ts"
import { layer, layerRecords } from "./DatasetLayer.ts"
import { readValues } from "./datasets/Decode.ts"
import * as AesirDataset from "./datasets/Aesir.ts"
import * as AiroborosDataset from "./datasets/Airoboros.ts"
import * as AiTownDataset from "./datasets/AiTown.ts"
import * as CharacterAiDataset from "./datasets/CharacterAi.ts"
import * as NoRobotsDataset from "./datasets/NoRobots.ts"
import * as OpenCaiDataset from "./datasets/OpenCai.ts"
import * as PygClaudeDataset from "./datasets/PygClaude.ts"
import * as RpForumsDataset from "./datasets/RpForums.ts"
import * as TeatimeDataset from "./datasets/Teatime.ts"
import * as FilesDataset from "./datasets/Files.ts"

export { layer, layerRecords }

/**
 * A dataset of an app's own. Its records are single values (lines, elements, rows); `decode` answers undefined for what
 * is no record, which the ledger then tells. Without `decode` the schema decides.
 */
export const define = <A>(
  given: Partial<DatasetDefinition<A>> & {
    readonly name: string
    readonly schema: Schema.Schema<A, Opaque>
    readonly decode?: (value: unknown) => A | undefined
  },
): DatasetDefinition<A> => {
  const { decode, ...definition } = given
  const is = Schema.is(given.schema)
  return {
    description: "",
    folder: given.name,
    files: ["*.jsonl", "*.json", "*.csv", "*.parquet", "*.jsonl.gz", "*.json.gz", "*.csv.gz"],
    reader: "auto",
    open: readValues(given.schema, decode ?? ((value) => (is(value) ? value : undefined))),
    ...definition,
  }
}

export class Aesir extends Context.Tag("data-toolbox/Dataset/aesir")<
  Aesir,
  DatasetService<AesirDataset.AesirRecord>
>() {
  static readonly layer = layer(Aesir, AesirDataset.Aesir)
  static readonly layerRecords = layerRecords(Aesir, AesirDataset.Aesir)
}

export class Airoboros extends Context.Tag("data-toolbox/Dataset/airoboros")<
  Airoboros,
  DatasetService<AiroborosDataset.AiroborosRecord>
>() {
  static readonly layer = layer(Airoboros, AiroborosDataset.Airoboros)
  static readonly layerRecords = layerRecords(Airoboros, AiroborosDataset.Airoboros)
}

export class AiTown extends Context.Tag("data-toolbox/Dataset/aitown")<
  AiTown,
  DatasetService<AiTownDataset.AiTownRecord>
>() {
  static readonly layer = layer(AiTown, AiTownDataset.AiTown)
  static readonly layerRecords = layerRecords(AiTown, AiTownDataset.AiTown)
}

export class CharacterAi extends Context.Tag("data-toolbox/Dataset/characterai")<
  CharacterAi,
  DatasetService<CharacterAiDataset.CharacterAiRecord>
>() {
  static readonly layer = layer(CharacterAi, CharacterAiDataset.CharacterAi)
  static readonly layerRecords = layerRecords(CharacterAi, CharacterAiDataset.CharacterAi)
}

export class NoRobots extends Context.Tag("data-toolbox/Dataset/no_robots")<
  NoRobots,
  DatasetService<NoRobotsDataset.NoRobotsRecord>
>() {
  static readonly layer = layer(NoRobots, NoRobotsDataset.NoRobots)
  static readonly layerRecords = layerRecords(NoRobots, NoRobotsDataset.NoRobots)
}

export class OpenCai extends Context.Tag("data-toolbox/Dataset/opencai")<
  OpenCai,
  DatasetService<OpenCaiDataset.OpenCaiRecord>
>() {
  static readonly layer = layer(OpenCai, OpenCaiDataset.OpenCai)
  static readonly layerRecords = layerRecords(OpenCai, OpenCaiDataset.OpenCai)
}

export class PygClaude extends Context.Tag("data-toolbox/Dataset/pygclaude")<
  PygClaude,
  DatasetService<PygClaudeDataset.PygClaudeRecord>
>() {
  static readonly layer = layer(PygClaude, PygClaudeDataset.PygClaude)
  static readonly layerRecords = layerRecords(PygClaude, PygClaudeDataset.PygClaude)
}

export class RpForums extends Context.Tag("data-toolbox/Dataset/rp_forums")<
  RpForums,
  DatasetService<RpForumsDataset.RpForumsRecord>
>() {
  static readonly layer = layer(RpForums, RpForumsDataset.RpForums)
  static readonly layerRecords = layerRecords(RpForums, RpForumsDataset.RpForums)
}

export class Teatime extends Context.Tag("data-toolbox/Dataset/teatime")<
  Teatime,
  DatasetService<TeatimeDataset.TeatimeRecord>
>() {
  static readonly layer = layer(Teatime, TeatimeDataset.Teatime)
  static readonly layerRecords = layerRecords(Teatime, TeatimeDataset.Teatime)
}

/** The source of the tasks for a user's own files. */
export class Files extends Context.Tag("data-toolbox/Dataset/files")<Files, DatasetService<unknown>>() {
  static readonly layer = layer(Files, FilesDataset.Files)
  static readonly layerRecords = layerRecords(Files, FilesDataset.Files)
}
