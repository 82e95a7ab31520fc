/** Tells a person how far a run is. Results never depend on it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { terminalLine } from "../domain/text/Terminal.ts"

export interface ProgressEvent {
  readonly task: string
  readonly read: number
  readonly written: number
}

/** How far a download is; sizes are in bytes. */
export interface TransferEvent {
  readonly file: string
  readonly got: number
  /** Absent where the sender does not tell. */
  readonly of?: number
  /** Bytes a second, over the last seconds. */
  readonly rate: number
}

export interface ProgressService {
  readonly report: (event: ProgressEvent) => Effect.Effect<void>
  readonly transfer: (event: TransferEvent) => Effect.Effect<void>
  /** Removes what was drawn. */
  readonly done: Effect.Effect<void>
}

export class Progress extends Context.Tag("data-toolbox/Progress")<Progress, ProgressService>() {
  static readonly layerQuiet: Layer.Layer<Progress> = Layer.succeed(Progress, {
    report: () => Effect.void,
    transfer: () => Effect.void,
    done: Effect.void,
  })

  /** One line on stderr that redraws itself on a terminal; every ten seconds a plain line elsewhere. */
  static readonly layerTerminal: Layer.Layer<Progress> = Layer.sync(Progress, () => {
    const { stderr } = process
    const redraws = stderr.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
    const every = redraws ? 100 : 10_000
    let last = performance.now()
    const show = (text: () => string) =>
      Effect.sync(() => {
        const now = performance.now()
        if (now - last < every) return
        last = now
        stderr.write(redraws ? `\r\u001b[2K${text()}` : `${text()}\n`)
      })
    return {
      report: ({ read, task, written }) => show(() => `${task}: ${read} read, ${written} written`),
      transfer: (event) => show(() => transferText(event)),
      done: Effect.sync(() => {
        if (redraws) stderr.write("\r\u001b[2K")
      }),
    }
  })
}

const units = ["bytes", "kB", "MB", "GB", "TB"]

/** `12.3 MB`: three digits or so, in powers of a thousand. */
export const sizeText = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

const timeText = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** One line: how much of how much, how fast, how long it will take. */
export const transferText = ({ file, got, of, rate }: TransferEvent): string => {
  const amount = of === undefined ? sizeText(got) : `${sizeText(got)} of ${sizeText(of)}`
  const speed = rate > 0 ? `, ${sizeText(rate)}/s` : ""
  const left = of !== undefined && rate > 0 && of > got ? `, ${timeText((of - got) / rate)} left` : ""
  return `${terminalLine(file)}: ${amount}${speed}${left}`
}
