/** Progress on the standard error stream, in the way that it takes. */
import * as Layer from "effect/Layer"
import type { Progress } from "../../services/Progress.ts"
import * as Lines from "./Lines.ts"
import * as Terminal from "./Terminal.ts"

/** A block where it can be drawn over; where it cannot, or control codes are not wanted (`NO_COLOR`), lines of a log. */
export const layer: Layer.Layer<Progress> = Layer.suspend(() => {
  const { env, stderr } = process
  return stderr.isTTY === true && env["TERM"] !== "dumb" && (env["NO_COLOR"] ?? "") === ""
    ? Terminal.layer(stderr, { colours: true, fine: Terminal.isFine(env) })
    : Lines.layer((line) => void stderr.write(line))
})
