/** Progress as a block at the end of a terminal, drawn over as the run goes on. */
import type * as Layer from "effect/Layer"
import type { Progress } from "../../services/Progress.ts"
import { openBlock, type Screen } from "./Block.ts"
import { draw } from "./Draw.ts"
import { layerShown } from "./Shown.ts"

/** Ten times a second: seen as a movement, and next to no work. */
const every = "100 millis"

/** Of a terminal that does not tell. */
const usual = { columns: 80, rows: 24 }

/** Whether the locale of an environment has letters beyond ASCII in one column each: in the East they take two. */
export const isFine = (env: { readonly [name: string]: string | undefined }): boolean => {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || ""
  return /utf-?8/i.test(locale) && !/^(?:zh|ja|ko)/i.test(locale)
}

export const layer = (
  screen: Screen,
  look: { readonly colours: boolean; readonly fine: boolean },
): Layer.Layer<Progress> =>
  layerShown(() => {
    const block = openBlock(screen)
    return {
      every,
      // The size is asked for each time: windows are pulled at.
      show: (state) =>
        block.draw(draw(state, { ...look, columns: screen.columns || usual.columns, rows: screen.rows || usual.rows })),
      end: block.end,
    }
  })
