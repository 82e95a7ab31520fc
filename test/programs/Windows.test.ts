/** Long conversations as people bring them: every reply is trained once, or the ledger tells of it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { loadTokenizer } from "../../src/domain/Tokens.ts"
import { accounts, build, type Built } from "../support/build.ts"
import { shared } from "../support/shared.ts"

const cases = [
  {
    folder: "data/taskmaster",
    section: {
      files: ["data_00.json"],
      fields: { messages: "utterances", role: "speaker", content: "text" },
    },
  },
  {
    folder: "data/topical-chat",
    section: {
      files: ["valid_freq.json"],
      fields: { messages: "content", role: "agent", content: "message" },
      roles: { user: ["agent_1"], model: ["agent_2"] },
    },
  },
]

const limit = 120

interface Item {
  readonly role: string
  readonly content: string
  readonly weight: number
}

const itemsOf = (row: { readonly [key: string]: unknown }): ReadonlyArray<Item> => row["items"] as ReadonlyArray<Item>

const idOf = (row: { readonly [key: string]: unknown }): string =>
  String(row["identifier"] as string).replace(/#\d+$/, "")

/** Replies by the conversation that they are of: how often each is trained. */
const trainedIn = ({ rows }: Built): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const row of rows)
    for (const { content, role, weight } of itemsOf(row))
      if (role === "assistant" && weight > 0) {
        const key = JSON.stringify([idOf(row), content])
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
  return counts
}

const tokenizer = await loadTokenizer("o200k_base")

for (const { folder, section } of cases)
  describe.skipIf(!existsSync(shared(folder)))(`long conversations of ${folder}`, () => {
    const run = (length: "windows" | "turns" | "fit", maxLength: number) =>
      build(shared(folder), {
        tasks: ["MessagesTask"],
        config: { MessagesTask: { ...section, prompt: "none", filters: [] } },
        format: "openchat",
        tokenizer: "o200k_base",
        length,
        maxLength,
      })

    for (const length of ["windows", "turns"] as const)
      it.effect(`${length}: every reply is trained as often as it is there, or the ledger tells of it`, () =>
        Effect.gen(function* () {
          const whole = yield* run("fit", -1)
          const built = yield* run(length, limit)
          const expected = new Map(trainedIn(whole))
          assert.isAbove(expected.size, 900)
          const conversations = new Map(whole.rows.map((row) => [idOf(row), itemsOf(row)]))
          for (const { detail, id = "", scope, stage } of built.lines) {
            if (stage !== "length") continue
            const items = conversations.get(id) ?? []
            const { first = 0, turns = items.length } =
              scope === "episode" ? {} : (detail as { readonly first: number; readonly turns: number })
            for (const { content, role } of items.slice(first, first + turns)) {
              const key = JSON.stringify([id, content])
              if (role === "assistant") expected.set(key, (expected.get(key) ?? 0) - 1)
            }
          }
          const left = new Map([...expected].filter(([, count]) => count !== 0))
          assert.deepStrictEqual(Object.fromEntries(trainedIn(built)), Object.fromEntries(left))
          assert.deepStrictEqual(accounts(built), [])
          for (const row of built.rows)
            assert.isAtMost(
              itemsOf(row).reduce((sum, { content }) => sum + tokenizer.count(content), 0),
              limit,
            )
        }),
      )
  })
