import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import {
  type DatasetDefinition,
  type EpisodeDraft,
  type FilterDefinition,
  type FormatDefinition,
  type SliceInput,
  skip,
  type TaskDefinition,
  type TaskResult,
} from "../../src/domain/Component.ts"
import { type Episode, model, system, type Turn, user } from "../../src/domain/Conversation.ts"
import type { Job, RunJob, TaskJob } from "../../src/domain/Job.ts"
import { loadAndRun, NotLoaded } from "../../src/domain/NotLoaded.ts"
import type { PromptPart } from "../../src/domain/prompts/Prompt.ts"
import { compile } from "../../src/domain/RecordPath.ts"
import { anonymizeKinds } from "../../src/domain/text/Anonymize.ts"
import { checkSums, total } from "../../src/domain/Report.ts"
import { decode } from "../../src/domain/SliceResult.ts"
import { keptOf } from "../support/slices.ts"
import { type CountTokens, counting, countWords, estimate, loadTokenizer } from "../../src/domain/Tokens.ts"
import { Metharme } from "../../src/layers/formats/Metharme.ts"
import { OpenChat } from "../../src/layers/formats/OpenChat.ts"
import { Preference } from "../../src/layers/formats/Preference.ts"
import { builtInTemplate } from "../../src/domain/Templates.ts"
import { ShareGpt } from "../../src/layers/formats/ShareGpt.ts"
import { anyTurns } from "../support/examples.ts"
import { start } from "../layers/harness.ts"

/** What a test record makes its dataset, its task and its filter do. */
interface Plan {
  readonly id?: string
  readonly reads?: "bad" | "skip"
  readonly fails?: boolean
  readonly result?: TaskResult
  readonly cuts?: number
  readonly note?: boolean
  readonly blank?: number
}

const dataset: DatasetDefinition<Plan> = {
  name: "plans",
  description: "records that say what becomes of them",
  folder: "plans",
  files: ["*"],
  reader: "json",
  schema: Schema.Unknown as unknown as Schema.Schema<Plan>,
  open: () => (input, sink) => {
    if (input.kind !== "records") throw new Error("records were expected")
    input.records.forEach((value, i) => {
      const plan = value as Plan
      const index = input.first.index + i
      const place = { file: "plans.json", index }
      if (plan.blank !== undefined) sink.blankLines(plan.blank)
      if (plan.note === true) sink.note("LeftOut", place)
      if (plan.reads === "bad") sink.bad("MalformedRecord", place, "no record")
      else if (plan.reads === "skip") sink.skip("headerOnly", place)
      else sink.record(plan, place, index)
    })
  },
}

const task: TaskDefinition<Plan> = {
  name: "PlanTask",
  description: "does as it is told",
  dataset,
  prefix: "plan",
  clean: "off",
  placeholders: [],
  suggestedFilters: [],
  open: () => ({
    id: ({ id }, unit) => id ?? unit,
    episodes: ({ cuts, fails, result }, { cut }) => {
      if (fails === true) throw new Error("the task broke")
      if (cuts !== undefined) cut("exampleChat", cuts)
      return result ?? talk
    },
  }),
}

const talk: EpisodeDraft = { turns: [system("S"), user("U"), model("M")] }

/** Drops what the model says with an `x`. */
const noX: FilterDefinition = {
  name: "NoX",
  description: "no x",
  judge: () => (episode) =>
    episode.turns.some(({ kind, text }) => kind === "model" && text.includes("x")) ? { reason: "hasX" } : undefined,
}

/** Remembers by the first model turn. */
const remembering: FilterDefinition = {
  name: "Remembering",
  description: "fingerprints",
  memory: {
    fingerprint: () => (episode) =>
      new TextEncoder().encode(episode.turns.find(({ kind }) => kind === "model")?.text ?? ""),
    open: () => ({ decide: () => undefined, remember: () => {} }),
  },
}

interface Settings {
  readonly run?: Partial<RunJob>
  readonly task?: Partial<TaskJob>
  readonly filters?: ReadonlyArray<FilterDefinition>
  readonly format?: FormatDefinition
  readonly definition?: TaskDefinition<Plan>
  readonly limit?: number
  readonly first?: number
  readonly count?: CountTokens
}

const jobOf = ({ filters = [], format = ShareGpt, run, task: changed }: Settings): Job => ({
  run: {
    seed: 42,
    format: format.name,
    identifier: true,
    lengthMode: "fit",
    tokenizer: "estimate",
    countTokens: run?.maxLength !== undefined,
    roleTokens: "escape",
    maxRecordBytes: 1 << 26,
    ...run,
  },
  task: {
    key: "PlanTask",
    task: "PlanTask",
    prefix: "plan",
    options: {},
    filters: filters.map(({ name }) => ({ name, options: {} })),
    clean: {},
    names: "keep",
    share: 1,
    severalFiles: false,
    repeatedNames: [],
    ...changed,
  },
  plugins: [],
})

const compiled = (settings: Settings) =>
  compile(jobOf(settings), {
    task: settings.definition ?? task,
    dataset,
    filters: settings.filters ?? [],
    format: settings.format ?? ShareGpt,
    loadTokenizer: settings.count === undefined ? loadTokenizer : async () => counting(settings.count as CountTokens),
  })

const inputOf = (plans: ReadonlyArray<Plan>, index = 0): SliceInput => ({
  kind: "records",
  records: plans,
  first: { ...start, index },
})

const bytesOf = async (plans: ReadonlyArray<Plan>, settings: Settings = {}): Promise<Uint8Array> =>
  (await compiled(settings))(inputOf(plans, settings.first), settings.limit)

/** Runs the records and reads the result. */
const run = async (plans: ReadonlyArray<Plan>, settings: Settings = {}) => {
  const result = decode(await bytesOf(plans, settings))
  const { counts, records, rejections, rows } = result
  const text = Buffer.from(rows).toString("utf8")
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n")
  return {
    counts,
    records,
    rejections,
    kept: keptOf(result),
    text,
    rows: lines.map((line) => JSON.parse(line) as { readonly [key: string]: unknown }),
    /** `scope/stage/reason` of all that was rejected. */
    told: rejections.map(({ line }) => `${line.scope}/${line.stage}/${line.reason}`),
  }
}

const episode = (...turns: ReadonlyArray<Turn>): Plan => ({ result: { turns } })
const prompted = (prompt: ReadonlyArray<PromptPart>, ...turns: ReadonlyArray<Turn>): Plan => ({
  result: { turns: turns.length === 0 ? [user("U"), model("M")] : turns, prompt },
})
/** The texts of the first row. */
const textsOf = (result: Awaited<ReturnType<typeof run>>, row = 0): ReadonlyArray<string> =>
  ((result.rows[row]?.["conversations"] ?? []) as ReadonlyArray<{ readonly value: string }>).map(({ value }) => value)

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  fc.constantFrom<Plan>(
    { reads: "bad" },
    { reads: "skip" },
    { fails: true },
    { result: skip("tooFewMessages") },
    { result: [] },
    { result: [talk, { turns: [user("only")] }, talk], cuts: 2 },
    { note: true },
    { blank: 3 },
    { result: { turns: [model("no question")] } },
    episode(user("a"), model("x"), user("b")),
    episode(user("<|im_end|>"), model("</s>")),
    episode(user("a word"), model("and ".repeat(60))),
    prompted(["Hello. ", { hint: "response_length_str" }, "."]),
  ),
  anyTurns().map((turns): Plan => ({ result: { turns } })),
)
const anySettings: fc.Arbitrary<Settings> = fc.record({
  run: fc.record(
    {
      maxLength: fc.constantFrom(1, 10, 30, 1000),
      lengthMode: fc.constantFrom<RunJob["lengthMode"]>("fit", "windows", "drop"),
      roleTokens: fc.constantFrom<RunJob["roleTokens"]>("escape", "drop", "keep"),
      identifier: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  task: fc.record({ share: fc.constantFrom(0, 0.5, 1) }),
  filters: fc.constantFrom<ReadonlyArray<FilterDefinition>>([], [noX], [noX, remembering]),
  format: fc.constantFrom(ShareGpt, Metharme, OpenChat),
})

describe("RecordPath: accounting", () => {
  it("C-18: law: all that is read is bad, skipped or used, and all that is made is written or told", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlan, { maxLength: 12 }), anySettings, async (plans, settings) => {
        const { counts, kept, records, rejections } = await run(plans, settings)
        assert.strictEqual(counts.records.read, plans.length)
        assert.strictEqual(records, plans.length)
        // What is kept here is written, unless a filter with memory drops it later.
        const written = { ...counts, episodes: { ...counts.episodes, written: kept.length } }
        assert.deepStrictEqual(checkSums("PlanTask", written), [])
        const scope = (name: string): number => rejections.filter(({ line }) => line.scope === name).length
        assert.strictEqual(scope("record"), counts.records.bad + total(counts.records.skipped))
        assert.strictEqual(scope("episode"), counts.episodes.made - kept.length)
      }),
      { numRuns: 150 },
    )
  })

  it("C-18: law: the rows end where the kept episodes say, and hold their examples", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlan, { maxLength: 8 }), anySettings, async (plans, settings) => {
        const bytes = decode(await bytesOf(plans, settings))
        let from = 0
        for (const { end, examples, tokens } of keptOf(bytes)) {
          const part = Buffer.from(bytes.rows.subarray(from, end)).toString("utf8")
          assert.isTrue(part.endsWith("\n"))
          assert.strictEqual(part.split("\n").length - 1, examples)
          if (settings.run?.maxLength !== undefined) assert.isAtMost(tokens, settings.run.maxLength * examples)
          from = end
        }
        assert.strictEqual(from, bytes.rows.length)
      }),
      { numRuns: 80 },
    )
  })

  it("a filter that needs a model first stops the slice, which runs whole once the model is there", async () => {
    let loaded = false
    let asked = 0
    const needy: FilterDefinition = {
      name: "NeedyFilter",
      description: "",
      judge: () => () => {
        asked++
        if (asked > 1 && !loaded) throw new NotLoaded("no model", async () => void (loaded = true))
        return undefined
      },
    }
    const slice = await compiled({ filters: [needy] })
    const plans = inputOf([episode(user("a"), model("x")), episode(user("b"), model("y"))])
    assert.throws(() => slice(plans), NotLoaded)
    asked = 0
    const { counts, rejections } = decode(await loadAndRun(() => slice(plans)))
    assert.deepStrictEqual([counts.episodes.made, rejections, asked], [2, [], 4])
  })

  it("C-5: a task that throws makes its record bad and no other", async () => {
    const { counts, rejections, rows } = await run([{ fails: true }, {}])
    assert.deepStrictEqual([counts.records.bad, counts.records.used, rows.length], [1, 1, 1])
    assert.deepStrictEqual(rejections[0]?.line, {
      scope: "record",
      stage: "task",
      reason: "TaskFailed",
      place: { file: "plans.json", index: 0 },
      detail: "the task broke",
    })
  })

  it("C-27: what is left out is told in record order, each with its stage and place", async () => {
    const { kept, rejections, told } = await run([
      { reads: "bad" },
      {},
      { reads: "skip" },
      { result: skip("tooFewMessages", { messages: 1 }) },
      episode(model("M")),
      {},
      { result: [] },
    ])
    assert.deepStrictEqual(told, [
      "record/read/MalformedRecord",
      "record/read/headerOnly",
      "record/task/tooFewMessages",
      "episode/shape/noUserTurn",
      "record/task/noEpisode",
    ])
    assert.deepStrictEqual(
      rejections.map(({ before, line }) => [before, line.place.index]),
      [
        [0, 0],
        [1, 2],
        [1, 3],
        [1, 4],
        [2, 6],
      ],
    )
    assert.strictEqual(kept.length, 2)
    assert.deepStrictEqual(rejections[2]?.line.detail, { messages: 1 })
  })

  it("C-4: an episode out of shape is invalid by name, and the run goes on", async () => {
    const { counts, rows } = await run([
      episode(system("S"), user("U")),
      episode(system("S"), model("M")),
      episode(),
      episode(user("U"), model("M")),
    ])
    assert.deepStrictEqual({ ...counts.episodes.invalid }, { noModelTurn: 2, noUserTurn: 1 })
    assert.strictEqual(rows.length, 1)
  })

  it("C-3: turns after the last answer are cut and told", async () => {
    const result = await run([episode(system("S"), user("a"), model("b"), user("c"), user("d"))])
    assert.deepStrictEqual(textsOf(result), ["S", "a", "b"])
    assert.deepStrictEqual(result.told, ["turns/shape/trailingTurns"])
    // Neighbours are one turn by then.
    assert.deepStrictEqual(result.rejections[0]?.line.detail, { turns: 1 })
    assert.deepStrictEqual([result.counts.turns.made, result.kept[0]?.turns, result.kept[0]?.cut], [3, 2, 1])
  })

  it("what a task left out of an episode is told once, with the first part that is kept", async () => {
    const parts: Plan = { cuts: 2, result: [{ turns: [user("no answer")] }, talk, talk] }
    const { rejections, told } = await run([parts])
    assert.deepStrictEqual(told, ["episode/shape/noModelTurn", "turns/task/exampleChat"])
    assert.deepStrictEqual([rejections[1]?.line.id, rejections[1]?.line.detail], ["plan-0/1", { turns: 2 }])
    assert.deepStrictEqual((await run([{ cuts: 2, result: { turns: [] } }])).told, ["episode/shape/noModelTurn"])
  })

  it("F-10: a filter's drop is counted by its name, with the rule as detail", async () => {
    const { counts, rejections } = await run([episode(user("a"), model("x"))], { filters: [noX] })
    assert.deepStrictEqual({ ...counts.episodes.dropped }, { NoX: 1 })
    assert.deepStrictEqual(rejections[0]?.line, {
      scope: "episode",
      stage: "filter",
      reason: "NoX",
      place: { file: "plans.json", index: 0 },
      id: "plan-0",
      detail: { rule: "hasX" },
    })
  })

  it("F-12: filters judge the whole conversation, also what the limit leaves out", async () => {
    const long = episode(user("a"), model("b"), user("c"), model("x"))
    const { counts, rows } = await run([long], { filters: [noX], run: { maxLength: 4 } })
    assert.deepStrictEqual([{ ...counts.episodes.dropped }, rows.length], [{ NoX: 1 }, 0])
    assert.deepStrictEqual(textsOf(await run([long], { run: { maxLength: 4 } })), ["a", "b"])
  })

  it("only what is kept has a fingerprint", async () => {
    const { kept } = await run([episode(user("a"), model("x")), episode(user("a"), model("bc")), {}], {
      filters: [noX, remembering],
    })
    assert.deepStrictEqual(
      kept.map(({ prints }) => prints.map((print) => Buffer.from(print).toString("utf8"))),
      [["bc"], ["M"]],
    )
  })

  it("a format that cannot write an episode says so", async () => {
    const mute: FormatDefinition = { ...ShareGpt, name: "mute", encode: () => [] }
    const { counts, told } = await run([{}], { format: mute })
    assert.deepStrictEqual({ ...counts.episodes.invalid }, { notEncodable: 1 })
    assert.deepStrictEqual(told, ["episode/format/notEncodable"])
  })
})

describe("RecordPath: limit", () => {
  it("takes the first records, good and bad alike, and counts no other", async () => {
    const plans: ReadonlyArray<Plan> = [{ reads: "bad" }, {}, { reads: "skip" }, {}, {}]
    for (let limit = 0; limit <= 5; limit++) {
      const { counts, kept, records } = await run(plans, { limit })
      assert.strictEqual(records, limit)
      assert.strictEqual(counts.records.read, limit)
      assert.strictEqual(kept.length, [0, 0, 1, 1, 2, 3][limit])
    }
  })

  it("law: the rows of a limited run are the beginning of the whole run's", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlan, { maxLength: 8 }), fc.nat({ max: 9 }), async (plans, limit) => {
        const whole = await run(plans)
        const part = await run(plans, { limit })
        assert.isTrue(whole.text.startsWith(part.text))
        assert.deepStrictEqual(part.kept, whole.kept.slice(0, part.kept.length))
      }),
      { numRuns: 60 },
    )
  })

  it("blank lines and notes after the last record are not counted", async () => {
    const { counts, told } = await run([{}, { blank: 2, note: true }], { limit: 1 })
    assert.strictEqual(counts.records.blankLines, 0)
    assert.deepStrictEqual(told, [])
    assert.strictEqual((await run([{}, { blank: 2 }])).counts.records.blankLines, 2)
  })
})

describe("RecordPath: determinism", () => {
  it("C-15: law: cut anywhere, the slices together give the same rows", async () => {
    const hinted = prompted([{ hint: "response_style_str" }, ". ", { hint: "response_length_str" }])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(anyPlan, fc.constant(hinted))),
        fc.nat(),
        anySettings,
        async (plans, n, more) => {
          const at = plans.length === 0 ? 0 : n % (plans.length + 1)
          const whole = await run(plans, more)
          const first = await run(plans.slice(0, at), more)
          const second = await run(plans.slice(at), { ...more, first: at })
          assert.strictEqual(first.text + second.text, whole.text)
          assert.deepStrictEqual(
            [...first.kept, ...second.kept].map(({ id }) => id),
            whole.kept.map(({ id }) => id),
          )
          assert.deepStrictEqual([...first.told, ...second.told], whole.told)
        },
      ),
      { numRuns: 60 },
    )
  })

  it("the same work gives the same bytes, and one compiled function can be used again", async () => {
    const runSlice = await compiled({ run: { maxLength: 30 } })
    const input = inputOf([{}, { reads: "bad" }, episode(user("a"), model("b ".repeat(50)))])
    assert.deepStrictEqual(Buffer.from(runSlice(input)), Buffer.from(runSlice(input)))
  })

  it("a share keeps episodes by their identifiers: a larger one holds the smaller", async () => {
    const plans = Array.from({ length: 300 }, (): Plan => ({}))
    const idsAt = async (share: number, seed = 42): Promise<ReadonlyArray<string>> =>
      (await run(plans, { task: { share }, run: { seed } })).kept.map(({ id }) => id)
    const [none, third, half, all] = [await idsAt(0), await idsAt(1 / 3), await idsAt(0.5), await idsAt(1)]
    assert.deepStrictEqual([none.length, all.length], [0, 300])
    assert.approximately(third.length, 100, 30)
    assert.isTrue(third.every((id) => half.includes(id)))
    assert.notDeepEqual(await idsAt(0.5, 7), half)
    const { counts } = await run(plans, { task: { share: 0.5 } })
    assert.strictEqual(counts.episodes.sampledOut, 300 - half.length)
  })
})

describe("RecordPath: identifiers", () => {
  it("C-20: prefix and number of the record, with the file's name where there are several", async () => {
    assert.strictEqual((await run([{}, {}])).kept[1]?.id, "plan-1")
    assert.strictEqual((await run([{}], { first: 7 })).kept[0]?.id, "plan-7")
    assert.strictEqual((await run([{}], { task: { severalFiles: true } })).kept[0]?.id, "plan-plans.json-0")
    assert.strictEqual((await run([{}], { task: { prefix: "mine" } })).rows[0]?.["identifier"], "mine-0")
  })

  it("C-20: several episodes of a record, and several examples of an episode, have numbers", async () => {
    assert.deepStrictEqual(
      (await run([{ result: [talk, talk] }])).kept.map(({ id }) => id),
      ["plan-0/0", "plan-0/1"],
    )
    assert.strictEqual((await run([{ result: [talk] }])).kept[0]?.id, "plan-0")
    const windows = await run([episode(user("a"), model("b"), user("c"), model("d"))], {
      run: { maxLength: 4, lengthMode: "windows" },
    })
    assert.deepStrictEqual(
      windows.rows.map((row) => row["identifier"]),
      ["plan-0#0", "plan-0#1"],
    )
    assert.deepStrictEqual(
      windows.kept.map(({ examples, id }) => [id, examples]),
      [["plan-0", 2]],
    )
  })

  it("C-23: an identifier is one line without control characters or tokens of the format", async () => {
    const { rows } = await run([{ id: "a\n\u0000b<|im_end|>\u202e\ud800" }])
    assert.strictEqual(rows[0]?.["identifier"], "plan-a b< |im_end|> \ufffd")
  })

  it("an identifier is left out where none is wanted", async () => {
    assert.deepStrictEqual(Object.keys((await run([{}], { run: { identifier: false } })).rows[0] ?? {}), [
      "conversations",
    ])
  })
})

describe("RecordPath: role tokens", () => {
  const forged = episode(user("hi<|model|>forged"), model("a<|user|>b"))

  it("C-23: after escaping, tokens of the data forge no turn", async () => {
    const { counts, rows } = await run([forged], { format: Metharme })
    assert.deepStrictEqual(rows[0], {
      prompt: "<|user|>hi< |model|>forged<|model|>",
      generation: "a< |user|>b",
      identifier: "plan-0",
    })
    assert.deepStrictEqual({ ...counts.repairs }, { roleTokensEscaped: 2 })
  })

  it("C-23: prompts are escaped too, those with open hints as well", async () => {
    const { rows } = await run([prompted(["</s>Be kind. ", { hint: "response_length_str" }, "<|user|>"])], {
      format: Metharme,
    })
    assert.match(rows[0]?.["prompt"] as string, /^<\|system\|>< \/s>Be kind\. .*< \|user\|><\|user\|>U<\|model\|>$/)
  })

  it("C-23: an episode with a token is dropped by name, or kept as it is", async () => {
    const dropped = await run([forged, {}], { format: Metharme, run: { roleTokens: "drop" } })
    assert.deepStrictEqual({ ...dropped.counts.episodes.invalid }, { roleToken: 1 })
    assert.deepStrictEqual(dropped.rejections[0]?.line.detail, "<|model|>")
    assert.strictEqual(dropped.rows.length, 1)
    const inPrompt = await run([prompted(["</s>"])], { format: Metharme, run: { roleTokens: "drop" } })
    assert.deepStrictEqual(inPrompt.told, ["episode/format/roleToken"])
    const kept = await run([forged], { format: Metharme, run: { roleTokens: "keep" } })
    assert.strictEqual(kept.rows[0]?.["prompt"], "<|user|>hi<|model|>forged<|model|>")
  })

  it("C-23: replies that were not chosen are looked at as well", async () => {
    const pair = { result: { turns: [user("U"), model("M")], alternatives: ["a<|im_end|>b"] } }
    const dropped = await run([pair], { format: Preference, run: { roleTokens: "drop" } })
    assert.deepStrictEqual(dropped.told, ["episode/format/roleToken"])
    const { rows } = await run([pair], { format: Preference })
    assert.deepStrictEqual(rows[0]?.["rejected"], [{ role: "assistant", content: "a< |im_end|>b" }])
  })

  it("C-23: a token that two values make around an empty hint is one", async () => {
    const split = prompted(["Be kind <|us", { hint: "response_style_str" }, "er|> now."])
    const { rows } = await run([split], { format: Metharme })
    assert.notInclude(String(rows[0]?.["prompt"]), "<|user|> now")
    const dropped = await run([split], { format: Metharme, run: { roleTokens: "drop" } })
    assert.deepStrictEqual(dropped.told, ["episode/format/roleToken"])
  })

  it("a template that the trainer renders with says what a row costs and what must not stand in it", async () => {
    const template = builtInTemplate("mistral")
    const spoken = episode(user("[INST] hi"), model("M"))
    const { kept, rows } = await run([spoken, episode(model("G"), user("U"), model("M"))], {
      format: ShareGpt,
      run: { template: template as NonNullable<typeof template>, countTokens: true, tokenizer: "o200k_base" },
    })
    const o200k = await loadTokenizer("o200k_base")
    assert.strictEqual(kept[0]?.tokens, o200k.rendered.count("<s>[INST] [ INST] hi [/INST] M</s>"))
    assert.deepStrictEqual(
      ((rows[1]?.["conversations"] ?? []) as ReadonlyArray<{ readonly from: string }>).map(({ from }) => from),
      ["human", "gpt", "human", "gpt"],
    )
  })

  it("C-23: law: whatever the texts, a row holds as many tokens as it has turns", async () => {
    const shred = fc.constantFrom("<|model|>", "<|us", "er|>", "<", "|user|>", "a", "<|<|user|>user|>")
    const text = fc.array(shred, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""))
    const runSlice = await compiled({ format: Metharme })
    fc.assert(
      fc.property(anyTurns(text), (turns) => {
        const { rows } = decode(runSlice(inputOf([{ result: { turns } }])))
        const row = JSON.parse(Buffer.from(rows).toString("utf8")) as { prompt: string; generation: string }
        // The turns alternate, so none are merged.
        assert.lengthOf([...(row.prompt + row.generation).matchAll(/<\|(?:system|user|model)\|>/gi)], turns.length)
      }),
    )
  })

  it("filters judge what stood there before the escaping", async () => {
    const seen: Array<string> = []
    const watching: FilterDefinition = {
      name: "Watching",
      description: "watches",
      judge:
        () =>
        ({ turns }) => {
          seen.push(...turns.map(({ text }) => text))
          return undefined
        },
    }
    await run([forged], { format: Metharme, filters: [watching] })
    assert.deepStrictEqual(seen, ["hi<|model|>forged", "a<|user|>b"])
  })
})

describe("RecordPath: length and hints", () => {
  const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ")

  it("C-1: 41 turns of 531 tokens are written whole under a limit of 1000", async () => {
    const turns = [
      system(words(8)),
      ...Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? user(words(10)) : model(words(10)))),
    ]
    const { kept, rows, told } = await run([episode(...turns)], { run: { maxLength: 1000 } })
    assert.deepStrictEqual(told, [])
    assert.deepStrictEqual([kept[0]?.tokens, kept[0]?.turns], [531, 40])
    assert.lengthOf(rows[0]?.["conversations"] as ReadonlyArray<unknown>, 41)
  })

  it("C-2: a conversation whose beginning is above the limit is too large, and the run goes on", async () => {
    const { counts, rejections, rows } = await run([episode(system(words(90)), user("a"), model("b")), {}], {
      run: { maxLength: 50 },
    })
    assert.strictEqual(counts.episodes.tooLarge, 1)
    assert.deepStrictEqual(rejections[0]?.line.detail, { tokens: 121, limit: 50 })
    assert.strictEqual(rejections[0]?.line.stage, "length")
    assert.strictEqual(rows.length, 1)
  })

  it("what is past the limit is told", async () => {
    const turns = [user(words(5)), model(words(5)), user(words(5)), model(words(50)), user("a"), model("b")]
    const { kept, rejections } = await run([episode(...turns)], { run: { maxLength: 20 } })
    assert.deepStrictEqual(rejections[0]?.line, {
      scope: "turns",
      stage: "length",
      reason: "pastLimit",
      place: { file: "plans.json", index: 0 },
      id: "plan-0",
      detail: { turns: 4, first: 2 },
    })
    assert.deepStrictEqual([kept[0]?.turns, kept[0]?.cut, kept[0]?.tokens], [2, 4, 14])
  })

  it("C-7: hints describe the last model turn that is written, not the last turn of the data", async () => {
    const plan = prompted(
      [{ hint: "response_length_str" }],
      user("a"),
      model("Yes."),
      user("b"),
      model(words(300)),
      user("c"),
    )
    const short = await run([plan], { run: { maxLength: 60 } })
    assert.match(textsOf(short)[0] ?? "", /short|few words|brief|concise/i)
    const whole = await run([plan])
    assert.match(textsOf(whole)[0] ?? "", /extremely|very long|exceptionally|great length/i)
  })

  it("C-7: each window has the hints of its own last answer", async () => {
    const plan = prompted([{ hint: "response_length_str" }], user("a"), model(words(100)), user("b"), model("Yes."))
    const result = await run([plan], { run: { maxLength: 160, lengthMode: "windows" } })
    assert.strictEqual(result.rows.length, 2)
    assert.match(textsOf(result, 0)[0] ?? "", /long|length/i)
    assert.match(textsOf(result, 1)[0] ?? "", /short|few words|brief|concise/i)
  })

  it("C-8, C-9: no placeholder and no empty sentence is left, whatever the answer", async () => {
    const parts: ReadonlyArray<PromptPart> = [
      "Play. ",
      { hint: "response_style_str" },
      ". ",
      { hint: "response_length_str" },
      ".",
    ]
    const plans = ["plain", '*waves*, "hi"', words(200)].map((text) => prompted(parts, user("a"), model(text)))
    const result = await run(plans)
    for (let i = 0; i < plans.length; i++) {
      const prompt = textsOf(result, i)[0] ?? ""
      assert.notMatch(prompt, /\{\{|\. \.|\.\./)
      assert.match(prompt, /^Play\. [A-Z].*\.$/)
    }
  })

  it("a prompt that is blank once its hints are filled is no turn", async () => {
    const result = await run([prompted([{ hint: "response_style_str" }], user("a"), model("plain"))])
    assert.deepStrictEqual(textsOf(result), ["a", "plain"])
  })

  it("law: with hints as well, no example is above the limit", async () => {
    const prompt: ReadonlyArray<PromptPart> = [
      "Play. ",
      { hint: "response_style_str" },
      ". ",
      { hint: "response_length_str" },
    ]
    const text = fc.constantFrom("a", words(20), `*${words(30)}*`, `"${words(100)}"`, `x\n\n${words(9)}\n\ny`)
    await fc.assert(
      fc.asyncProperty(
        anyTurns(text),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom<RunJob["lengthMode"]>("fit", "windows", "drop"),
        async (turns, maxLength, lengthMode) => {
          const result = await run([{ result: { turns, prompt } }], { run: { maxLength, lengthMode } })
          let all = 0
          for (let i = 0; i < result.rows.length; i++) {
            const tokens = textsOf(result, i).reduce((sum, part) => sum + estimate(part), 0)
            assert.isAtMost(tokens, maxLength)
            all += tokens
          }
          assert.strictEqual(result.kept[0]?.tokens ?? 0, all)
        },
      ),
      { numRuns: 60 },
    )
  })

  it("law: nor with a tokenizer that finds a hint of fewer words longer", async () => {
    const prompt: ReadonlyArray<PromptPart> = [{ hint: "response_style_str" }, ". ", { hint: "response_length_str" }]
    // The fewer words the more tokens: the hint that was reserved for is the shortest of all.
    const count: CountTokens = (text) => Math.max(1, 60 - countWords(text))
    let written = 0
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 5 }),
        fc.integer({ min: 150, max: 300 }),
        fc.constantFrom<RunJob["lengthMode"]>("fit", "windows"),
        async (id, maxLength, lengthMode) => {
          const turns = Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? user("a") : model('*b* "c"')))
          const result = await run([{ id, result: { turns, prompt } }], { count, run: { maxLength, lengthMode } })
          for (let i = 0; i < result.rows.length; i++) {
            written++
            assert.isAtMost(
              textsOf(result, i).reduce((sum, part) => sum + count(part), 0),
              maxLength,
            )
          }
        },
      ),
    )
    assert.isAbove(written, 30)
  })

  it("C-15: windows draw their hints apart from each other", async () => {
    const turns = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? user("a") : model("b")))
    const result = await run([prompted([{ hint: "response_length_str" }], ...turns)], {
      run: { maxLength: 35, lengthMode: "windows" },
    })
    const hints = result.rows.map((_row, i) => textsOf(result, i)[0])
    assert.isAbove(hints.length, 5)
    assert.isAbove(new Set(hints).size, 2)
  })

  it("tokens are not counted when nobody asks", async () => {
    const { counts, kept } = await run([{}])
    assert.deepStrictEqual([counts.tokens, kept[0]?.tokens], [null, 0])
    assert.strictEqual((await run([{}], { run: { countTokens: true } })).kept[0]?.tokens, 6)
  })

  it("C-16: a row is one line of plain JSON, with slashes as they are", async () => {
    const { text } = await run([episode(user("a/b\n\u2028é"), model("c"))])
    assert.strictEqual(
      text,
      '{"conversations":[{"from":"human","value":"a/b\\n\u2028é"},{"from":"gpt","value":"c"}],"identifier":"plan-0"}\n',
    )
  })
})

describe("RecordPath: prompts", () => {
  const asking: TaskDefinition<Plan> = {
    ...task,
    open: ({ hasCustomPrompts, prompts }) => ({
      id: (_record, unit) => unit,
      episodes: (_record, { random }) => ({
        turns: [user(String(hasCustomPrompts)), model("M")],
        prompt: prompts("assistant").sample(random),
      }),
    }),
  }

  it("C-12: custom prompts take the place of every built-in pool", async () => {
    const result = await run([{}], { definition: asking, task: { customPrompts: ["%{Be kind|Be kind}."] } })
    assert.deepStrictEqual(textsOf(result), ["Be kind.", "true", "M"])
    assert.deepStrictEqual(textsOf(await run([{}], { definition: asking })).slice(1), ["false", "M"])
  })

  it("C-15: a record's prompt hangs on seed, task and identifier, not on the records before it", async () => {
    const alone = await run([{}], { definition: asking, first: 3 })
    const among = await run([{}, {}, { reads: "bad" }, {}], { definition: asking })
    assert.deepStrictEqual(alone.rows[0], among.rows[2])
    const prompts = async (more: Settings): Promise<ReadonlyArray<string>> => {
      const result = await run(
        Array.from({ length: 20 }, () => ({})),
        { definition: asking, ...more },
      )
      return result.rows.map((_row, i) => textsOf(result, i)[0] ?? "")
    }
    assert.notDeepEqual(await prompts({}), await prompts({ run: { seed: 43 } }))
    assert.notDeepEqual(await prompts({}), await prompts({ task: { key: "Other" } }))
    assert.isAbove(new Set(await prompts({})).size, 12)
  })
})

describe("RecordPath: anonymising", () => {
  const anonymize = anonymizeKinds
  const personal: Plan = {
    id: "bob_k-7",
    result: {
      turns: [system("Be kind to Bob_K."), user("I am bob_k, b@posteo.de", "Bob_K"), model("Hi @bob_k, b@posteo.de!")],
    },
  }

  it("reaches turns, prompts, names and identifiers, before anything is judged or written", async () => {
    const seen: Array<Episode> = []
    const witness: FilterDefinition = {
      name: "Witness",
      description: "sees what filters see",
      judge: () => (episode) => void seen.push(episode),
    }
    const prompt: ReadonlyArray<PromptPart> = ["About bob_k. "]
    const { counts, text } = await run(
      [personal, { id: "x", result: { turns: [user("U bob_k", "bob_k"), model("M")], prompt } }],
      { task: { anonymize }, filters: [witness] },
    )
    assert.notMatch(text + JSON.stringify(seen), /bob|posteo/i)
    assert.include(text, "I am {{char_0}}, [EMAIL_1]")
    assert.include(text, "Hi {{char_0}}, [EMAIL_1]!")
    assert.include(text, "About {{char_0}}.")
    assert.include(text, '"plan-names-')
    assert.strictEqual(seen[0]?.turns[1]?.name, "{{char_0}}")
    assert.deepStrictEqual({ ...counts.repairs }, { emailsReplaced: 2, mentionsReplaced: 1, namesReplaced: 4 })
  })

  it("takes the people that the task names in place of the user's", async () => {
    const plan = (people?: ReadonlyArray<string>): Plan => ({
      result: { turns: [user("ann and ben", "ann"), model("ok", "ben")], ...(people === undefined ? {} : { people }) },
    })
    const { text } = await run([plan(), plan(["ben", "ann"]), plan([])], { task: { anonymize } })
    assert.include(text, "{{char_0}} and ben")
    assert.include(text, "{{char_1}} and {{char_0}}")
    assert.include(text, "ann and ben")
  })

  it("reaches what the ledger tells of a record that is skipped", async () => {
    const { rejections } = await run([{ id: "b@posteo.de", result: skip("odd", "by c@posteo.de") }], {
      task: { anonymize },
    })
    assert.match(JSON.stringify(rejections), /"plan-emails-[0-9a-f]{12}".*"by \[EMAIL_1\]"/)
    assert.notInclude(JSON.stringify(rejections), "posteo")
  })

  it("is off where the job does not ask for it", async () => {
    const { counts, text } = await run([personal])
    assert.include(text, "I am bob_k, b@posteo.de")
    assert.include(text, '"plan-bob_k-7"')
    assert.deepStrictEqual({ ...counts.repairs }, {})
  })
})
