/** The components of the package, put together. */
import * as Layer from "effect/Layer"
import type { DataFolder } from "../services/DataFolder.ts"
import type { Datasets } from "../services/Dataset.ts"
import { Ledger } from "../services/Ledger.ts"
import { Output } from "../services/Output.ts"
import type { Plugins } from "../services/Plugins.ts"
import { Progress } from "../services/Progress.ts"
import { Filters, Formats, Tasks } from "../services/Registry.ts"
import type { SliceRunner } from "../services/SliceRunner.ts"
import { Tokenizer } from "../services/Tokenizer.ts"
import { layerDatasets } from "./DatasetLayer.ts"
import { datasets } from "./datasets/All.ts"
import { filters } from "./filters/All.ts"
import { formats } from "./formats/All.ts"
import * as InProcess from "./InProcess.ts"
import * as PluginsLayer from "./Plugins.ts"
import { tasks } from "./tasks/All.ts"

/** What a config can name. */
export const layerComponents: Layer.Layer<Tasks | Filters | Formats | Plugins> = Layer.mergeAll(
  Tasks.layerOf(tasks),
  Filters.layerOf(filters),
  Formats.layerOf(formats),
  PluginsLayer.layer,
)

/** All that `Build` needs, over a data folder: files on disk, slices in process, no progress shown. */
export const layer: Layer.Layer<
  Tasks | Filters | Formats | Plugins | Datasets | Tokenizer | SliceRunner | Output | Ledger | Progress,
  never,
  DataFolder
> = Layer.mergeAll(
  layerComponents,
  layerDatasets(datasets),
  InProcess.layer,
  Layer.provideMerge(Ledger.layer, Output.layer),
  Progress.layerQuiet,
  Tokenizer.layer,
)
