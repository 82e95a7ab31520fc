/** What was not written, and why: JSON lines in record order. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { OutputError } from "../domain/Errors.ts"
import type { LedgerLine } from "../domain/Merge.ts"
import { Output, type Staged, type Written } from "./Output.ts"

export interface LedgerWriter {
  readonly write: (lines: ReadonlyArray<LedgerLine>) => Effect.Effect<void, OutputError>
  /** What was written, and how many lines; undefined where it is not kept. */
  readonly close: Effect.Effect<(Written & { readonly lines: number }) | undefined, OutputError>
  readonly publish: Effect.Effect<void, OutputError>
}

export interface LedgerService {
  /** Begins the ledger of a run; without a file it is not kept. */
  readonly open: (file: string | undefined, work: string) => Effect.Effect<LedgerWriter, OutputError, Scope.Scope>
}

const off: LedgerWriter = { write: () => Effect.void, close: Effect.succeed(undefined), publish: Effect.void }

/** A line with its keys in the documented order. */
export const encodeLine = ({ detail, id, place, reason, scope, stage, task }: LedgerLine): string =>
  `${JSON.stringify({ task, id, scope, place, stage, reason, detail })}\n`

const onto = (file: Staged): LedgerWriter => {
  let lines = 0
  return {
    write: (more) => {
      lines += more.length
      return more.length === 0 ? Effect.void : file.write(Buffer.from(more.map(encodeLine).join(""), "utf8"))
    },
    close: Effect.map(file.close, (written) => ({ ...written, lines })),
    publish: file.publish,
  }
}

export class Ledger extends Context.Tag("data-toolbox/Ledger")<Ledger, LedgerService>() {
  /** A file of the output set; `.gz` compresses it. */
  static readonly layer: Layer.Layer<Ledger, never, Output> = Layer.effect(
    Ledger,
    Effect.map(Output, (output) => ({
      open: (file, work) => (file === undefined ? Effect.succeed(off) : Effect.map(output.stage(file, work), onto)),
    })),
  )

  /** Collects the lines of all runs in an array: for tests and previews. */
  static readonly layerMemory = (lines: Array<LedgerLine>): Layer.Layer<Ledger> =>
    Layer.succeed(Ledger, {
      open: () =>
        Effect.succeed({
          write: (more: ReadonlyArray<LedgerLine>) => Effect.sync(() => void lines.push(...more)),
          close: Effect.succeed(undefined),
          publish: Effect.void,
        }),
    })
}
