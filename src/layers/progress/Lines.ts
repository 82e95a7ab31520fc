/** Progress as lines of a log, for what is no terminal: a file, a pipe, a job of a cluster. */
import type * as Layer from "effect/Layer"
import type { Progress } from "../../services/Progress.ts"
import { logText } from "./Draw.ts"
import { layerShown } from "./Shown.ts"

/** A log of an hour's run stays readable, and one who watches it sees that something goes on. A short run tells nothing. */
const every = "5 seconds"

export const layer = (write: (line: string) => void): Layer.Layer<Progress> =>
  layerShown(() => ({
    every,
    show: (state) => write(`data-toolbox: ${logText(state)}\n`),
    end: () => undefined,
  }))
