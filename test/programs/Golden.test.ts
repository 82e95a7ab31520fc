/** What the samples give, byte for byte. `UPDATE_GOLDEN=1 npx vitest run test/programs/Golden.test.ts` writes it anew. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { formats } from "../../src/layers/formats/All.ts"
import { encodeLine } from "../../src/services/Ledger.ts"
import { build } from "../support/build.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const samples = join(root, "samples")
const config = { text: readFileSync(join(samples, "config.yml"), "utf8"), file: "config.yml" }
const tasks = [...config.text.matchAll(/^([A-Z]\w*):/gm)].map((hit) => hit[1] as string)

const same = (name: string, text: string): void => {
  const file = join(root, "test", "golden", name)
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text)
  assert.strictEqual(text, readFileSync(file, "utf8"))
}

describe("the samples", () => {
  for (const format of ["sharegpt", "metharme", "openchat"]) {
    it.effect(`give the same ${format} rows as ever`, () =>
      Effect.gen(function* () {
        const built = yield* build(samples, { tasks, config, format, maxLength: 2048 })
        same(`samples.${format}.jsonl`, built.text)
        if (format === "sharegpt") same("samples.ledger.jsonl", built.lines.map(encodeLine).join(""))
      }),
    )
  }

  const few = ["AesirRoleplayTask", "CharacterAiRoleplayTask", "AlpacaTask"]
  for (const { name: format, template } of formats) {
    if (["sharegpt", "metharme", "openchat"].includes(format)) continue
    it.effect(`of a few tasks give the same ${format} rows as ever`, () =>
      Effect.gen(function* () {
        const given = template === undefined ? {} : { chatTemplate: "llama-3" }
        const spec = { config, format, ...given, tokenizer: "o200k_base" }
        // Numbers tell a reader nothing: a single task is enough of them. Pairs of replies are in one task only.
        const only = format.startsWith("preference") ? ["PreferenceTask"] : ["AlpacaTask"]
        const isOne = format === "tokenized" || format.startsWith("preference")
        const built = yield* build(samples, { ...spec, tasks: isOne ? only : few })
        assert.isAbove(built.rows.length, 0)
        same(`samples.${format}.jsonl`, built.text)
      }),
    )
  }
})
