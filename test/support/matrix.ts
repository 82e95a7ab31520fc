/** What must not change the output: its cases, and the digests that they give. */
import { assert } from "@effect/vitest"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

export const factors = {
  workers: [0, 1, 2, 5],
  sliceBytes: [null, 999, 3_000, 50_000],
  order: ["usual", "reversed", "mixed"],
  place: ["C", "Turkey", "Germany"],
  resumed: [false, true],
} as const

type Factors = typeof factors

export type Case = { readonly [factor in keyof Factors]: Factors[factor][number] }

const environments: { readonly [place in Case["place"]]: { readonly [name: string]: string } } = {
  C: { LANG: "C", LC_ALL: "C", TZ: "America/St_Johns" },
  Turkey: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" },
  Germany: { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8", TZ: "Pacific/Kiritimati" },
}

const entries = Object.entries(factors) as ReadonlyArray<readonly [string, ReadonlyArray<unknown>]>

/** Every combination. */
export const whole = (): ReadonlyArray<Case> =>
  entries.reduce<ReadonlyArray<object>>(
    (cases, [factor, values]) => cases.flatMap((one) => values.map((value) => ({ ...one, [factor]: value }))),
    [{}],
  ) as ReadonlyArray<Case>

/** The pairs of values of two factors that a case covers. */
export const pairsOf = (one: Case): ReadonlyArray<string> => {
  const values = Object.entries(one)
  return values.flatMap(([a, x], i) => values.slice(i + 1).map(([b, y]) => JSON.stringify([a, x, b, y])))
}

/** Cases that take few threads. */
export const small = (): ReadonlyArray<Case> => whole().filter(({ workers }) => workers !== 5)

/** Few of the cases, in which each two values of two factors meet: always the one with the most pairs that are left. */
export const pairwise = (all: ReadonlyArray<Case>): ReadonlyArray<Case> => {
  const left = new Set(all.flatMap(pairsOf))
  const chosen: Array<Case> = []
  while (left.size > 0) {
    let best = all[0] as Case
    let most = 0
    for (const one of all) {
      const count = pairsOf(one).filter((pair) => left.has(pair)).length
      if (count > most) [best, most] = [one, count]
    }
    chosen.push(best)
    for (const pair of pairsOf(best)) left.delete(pair)
  }
  return chosen
}

const root = fileURLToPath(new URL("../..", import.meta.url))

const textOf = (name: string): string => readFileSync(join(root, "samples", name), "utf8")

/** The model of the language filter takes each worker seconds to load. */
const plain = (text: string): string => text.replace(/^ +- EnglishFilter\n/gm, "")

/** Runs the cases, a process for each place; answers a digest of each output set with its case. */
export const digests = async (
  cases: ReadonlyArray<Case>,
  all: boolean,
): Promise<ReadonlyArray<readonly [digest: string, one: Case]>> => {
  const text = all ? textOf("config.yml") : plain(textOf("config.yml"))
  const tasks = [...text.matchAll(/^([A-Z]\w*):/gm)].map(([, key]) => key)
  const out: Array<readonly [string, Case]> = []
  for (const place of factors.place) {
    const here = cases.filter((one) => one.place === place)
    const given = JSON.stringify({ tasks, config: { text, file: "config.yml" }, cases: here })
    const args = [join(root, "test", "support", "matrix.mjs"), given]
    const env = { ...process.env, ...environments[place] }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, encoding: "utf8" })
    const found = stdout.trimEnd().split("\n")
    assert.strictEqual(found.length, here.length)
    out.push(...here.map((one, i) => [found[i] as string, one] as const))
  }
  return out
}
