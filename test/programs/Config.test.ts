import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import type { FilterDefinition, TaskDefinition } from "../../src/domain/Component.ts"
import { ConfigError } from "../../src/domain/Errors.ts"
import { anonymizeKinds } from "../../src/domain/text/Anonymize.ts"
import { cleanFlagNames, cleanSets } from "../../src/domain/text/Clean.ts"
import * as Filter from "../../src/layers/Filter.ts"
import { filters } from "../../src/layers/filters/All.ts"
import * as Task from "../../src/layers/Task.ts"
import { tasks } from "../../src/layers/tasks/All.ts"
import * as Config from "../../src/programs/Config.ts"

const known = { tasks, filters }

const check = (text: string, selected: ReadonlyArray<string> = [], among: Config.Known = known) => {
  const { config, problems } = Config.parse(text, "c.yml")
  return problems.length > 0
    ? { tasks: new Map<string, Config.ResolvedTask>(), problems, warnings: [] }
    : Config.resolveConfig(config, among, selected)
}

/** Problems as a person reads them. */
const told = (text: string, selected?: ReadonlyArray<string>, among?: Config.Known): ReadonlyArray<string> => {
  const { problems } = check(text, selected, among)
  return problems.length === 0 ? [] : new ConfigError({ file: "c.yml", problems }).message.split("\n")
}

/** The jobs of a config that is right, by key. */
const jobs = (text: string, selected?: ReadonlyArray<string>) => {
  const { problems, tasks: resolved } = check(text, selected)
  assert.deepStrictEqual(problems, [])
  return Object.fromEntries([...resolved].map(([key, { job }]) => [key, job]))
}

const filterNames = (text: string, key: string): ReadonlyArray<string> | undefined =>
  jobs(text, [key])[key]?.filters.map(({ name }) => name)

/** The value of a config that is right, where JSON can tell it. */
const valueOf = (text: string): unknown => {
  const { config, problems } = Config.parse(text, "c.yml")
  assert.deepStrictEqual(problems, [])
  return config.value
}

const taskNames = tasks.map(({ name }) => name).join(", ")
const filterList = filters.map(({ name }) => name).join(", ")
const common =
  "task, filters, custom_prompts, dataset_name, folder, files, clean, names, anonymize, greeting, train, trainUser, maxExamples, repeat, share"

describe("a config", () => {
  it("that is empty, null or a comment has no sections and nothing wrong", () => {
    for (const text of ["", "\n", "# nothing yet\n", "null", "---\n", "{}"]) {
      assert.deepStrictEqual(check(text), { tasks: new Map(), problems: [], warnings: [] })
    }
  })

  it("C-11: a task without a section gets defaults for everything", () => {
    assert.deepStrictEqual(jobs("", ["TeatimeRoleplayTask", "CharacterAiRoleplayTask", "RpForumsRoleplayTask"]), {
      TeatimeRoleplayTask: {
        key: "TeatimeRoleplayTask",
        task: "TeatimeRoleplayTask",
        prefix: "teatime",
        options: { allowed_models: ["claude-v1-100k", "claude-v1.2", "claude-1.3-100k", "claude-1.2"] },
        filters: [],
        clean: cleanSets.original,
        names: "keep",
        share: 1,
      },
      CharacterAiRoleplayTask: {
        key: "CharacterAiRoleplayTask",
        task: "CharacterAiRoleplayTask",
        prefix: "characterai",
        options: { timestamp_cutoff: -1 },
        filters: [],
        clean: cleanSets.original,
        names: "keep",
        share: 1,
      },
      RpForumsRoleplayTask: {
        key: "RpForumsRoleplayTask",
        task: "RpForumsRoleplayTask",
        prefix: "rpforums",
        options: {
          columns: {
            title: "thread_title",
            author: "message_username",
            message: "message",
            thread: "thread_id",
          },
          groups: "skip",
          remove_ooc: true,
        },
        filters: [],
        clean: cleanSets.original,
        names: "keep",
        anonymize: anonymizeKinds,
        share: 1,
      },
    })
  })

  it("sets every key that all tasks share", () => {
    const text = `
AiTownRoleplayTask:
  task: AiTownRoleplayTask
  filters: [ExactDedupFilter]
  custom_prompts: ["You are {{char}}."]
  dataset_name: anything
  folder: elsewhere/town
  files: ["a.jsonl", "b/*.jsonl"]
  clean: { quotes: true, encoding: false }
  names: replace
  share: 0.25
`
    assert.deepStrictEqual(jobs(text)["AiTownRoleplayTask"], {
      key: "AiTownRoleplayTask",
      task: "AiTownRoleplayTask",
      prefix: "aitown",
      options: { folder: "elsewhere/town", files: ["a.jsonl", "b/*.jsonl"] },
      filters: [{ name: "ExactDedupFilter", options: { normalize: "none", scope: "task" } }],
      clean: { encoding: false, c1: true, quotes: true },
      names: "replace",
      customPrompts: ["You are {{char}}."],
      share: 0.25,
    })
  })

  it("what is anonymised: all, nothing, or some kinds; by default what the task says", () => {
    const kinds = (task: string, value: string) => jobs(`${task}: { anonymize: ${value} }`)[task]?.anonymize
    for (const all of ["true", "on"]) assert.deepStrictEqual(kinds("AiTownRoleplayTask", all), anonymizeKinds)
    for (const none of ["false", "off", "[]"]) assert.isUndefined(kinds("RpForumsRoleplayTask", none))
    assert.deepStrictEqual(kinds("RpForumsRoleplayTask", "null"), anonymizeKinds)
    assert.isUndefined(kinds("AiTownRoleplayTask", "null"))
    assert.deepStrictEqual(kinds("AiTownRoleplayTask", "[keys, emails, keys]"), ["emails", "keys"])
    assert.deepStrictEqual(told("AesirRoleplayTask: { anonymize: [email] }"), [
      'c.yml:1:34: AesirRoleplayTask.anonymize[0]: expected "names", "mentions", "emails", "phones", "addresses", ' +
        '"keys", "cards" or "ibans", got "email". Did you mean "emails"?',
    ])
  })

  it("null is absent for every key of every task, and for those of the top level", () => {
    for (const task of tasks) {
      const keys = Object.keys(Config.fieldsOf(task)).filter((key) => key !== "files" || task.dataset.name !== "files")
      const base = task.dataset.name === "files" ? "{ files: x" : "{ folder: x"
      const nulls = keys.filter((key) => key !== "folder").map((key) => `, ${key}: null`)
      const text = `${task.name}: ${base}${nulls.join("")} }`
      assert.deepStrictEqual(jobs(text), jobs(`${task.name}: ${base} }`), task.name)
    }
    assert.deepStrictEqual(
      jobs("defaults:\nplugins:\nAesirRoleplayTask:\n"),
      jobs("AesirRoleplayTask: {}\ndefaults: { filters: }"),
    )
  })

  it("null is absent for every option of every filter", () => {
    for (const { name, options = {} } of filters) {
      const nulls = Object.keys(options).map((key) => `${key}: null`)
      const resolved = (entry: string) => jobs(`defaults: { filters: [${entry}] }`, ["AesirRoleplayTask"])
      assert.deepStrictEqual(resolved(`${name}: { ${nulls.join(", ")} }`), resolved(name))
      assert.deepStrictEqual(resolved(`${name}: null`), resolved(name))
    }
  })

  it("one file may be given as text, for any task", () => {
    const made = jobs("AlpacaTask: { files: own/a.json }\nAesirRoleplayTask: { files: b.json }")
    assert.deepStrictEqual(made["AlpacaTask"]?.options["files"], ["own/a.json"])
    assert.deepStrictEqual(made["AesirRoleplayTask"]?.options, { files: ["b.json"] })
  })

  it("a clean set replaces the task's own, and single flags change it", () => {
    const clean = (task: string, value: string) => jobs(`${task}: { clean: ${value} }`)[task]?.clean
    assert.deepStrictEqual(clean("AesirRoleplayTask", "chat"), cleanSets.chat)
    assert.deepStrictEqual(clean("AesirRoleplayTask", "off"), cleanSets.off)
    assert.deepStrictEqual(clean("AiTownRoleplayTask", "original"), cleanSets.original)
    assert.deepStrictEqual(clean("AesirRoleplayTask", "{ images: false }"), { ...cleanSets.original, images: false })
    assert.deepStrictEqual(clean("AesirRoleplayTask", "{}"), cleanSets.original)
  })

  it('"off", "no" and "yes" are words, whatever version of YAML the text names', () => {
    assert.deepStrictEqual(
      jobs("%YAML 1.1\n---\nAesirRoleplayTask: { clean: off }")["AesirRoleplayTask"]?.clean,
      cleanSets.off,
    )
    assert.deepStrictEqual(told("RpForumsRoleplayTask: { remove_ooc: yes }"), [
      'c.yml:1:37: RpForumsRoleplayTask.remove_ooc: expected true or false, got "yes"',
    ])
  })

  it("may be JSON", () => {
    const text = JSON.stringify({ AesirRoleplayTask: { share: 0.5, filters: ["ExactDedupFilter"] } }, null, 2)
    assert.strictEqual(jobs(text)["AesirRoleplayTask"]?.share, 0.5)
    assert.deepStrictEqual(told('{\n  "AesirRoleplayTask": {\n    "shaer": 1\n  }\n}'), [
      'c.yml:3:5: AesirRoleplayTask.shaer: unknown key. Did you mean "share"?',
    ])
  })

  it("may begin with a BOM and have CRLF line ends", () => {
    const text = "\uFEFFAesirRoleplayTask:\r\n  share: 0.5\r\n  custom_prompts:\r\n    - |\r\n      Hello.\r\n"
    assert.deepStrictEqual(jobs(text)["AesirRoleplayTask"]?.customPrompts, ["Hello.\n"])
    assert.deepStrictEqual(told("\uFEFFAesir: {}\r\nAiTownRoleplayTask:\r\n  shar: 5\r\n"), [
      'c.yml:1:1: Aesir: unknown task "Aesir". Did you mean "AesirRoleplayTask"? ' +
        'A section of another name needs "task: NAME".',
      'c.yml:3:3: AiTownRoleplayTask.shar: unknown key. Did you mean "share"?',
    ])
  })

  it("that an app gives as a value is checked alike, without places", () => {
    const { problems } = Config.resolveConfig(Config.fromValue({ AesirRoleplayTask: { share: 2 } }), known, [])
    assert.deepStrictEqual(problems, [
      { path: "AesirRoleplayTask.share", message: "expected a number between 0 and 1, got 2" },
    ])
    const absent = Config.resolveConfig(Config.fromValue({ AesirRoleplayTask: { share: undefined } }), known, [])
    assert.deepStrictEqual(absent.problems, [])
    assert.strictEqual(absent.tasks.get("AesirRoleplayTask")?.job.share, 1)
    assert.deepStrictEqual(Config.resolveConfig(Config.fromValue([]), known, []).problems, [
      { path: "", message: "the config must be a mapping of task names to their settings, got an empty list" },
    ])
  })

  it("in the shape of the original's resolves unchanged: every task, every key", () => {
    const text = `
AesirRoleplayTask:
  custom_prompts:
  dataset_name: aesir
  filters:
    - ExactDedupFilter
AiroborosInstructionFollowingTask:
  custom_prompts: []
  dataset_name: airoboros
  filters:
    - ExactDedupFilter
    - LlmSlopFilter
    - RefusalFilter
AiTownRoleplayTask:
  custom_prompts: null
  dataset_name: aitown
  filters: [ExactDedupFilter, LlmSlopFilter, RefusalFilter]
CharacterAiRoleplayTask:
  custom_prompts:
  dataset_name: characterai
  filters:
    - EnglishFilter
    - ExactDedupFilter
    - LlmSlopFilter
    - RefusalFilter
    - SimilarityFilter
  timestamp_cutoff: -1
NoRobotsInstructionFollowingTask:
  custom_prompts: ["Be %{helpful|kind}."]
  dataset_name: no_robots
  filters: [ExactDedupFilter, RefusalFilter]
OpenCaiRoleplayTask:
  custom_prompts:
  dataset_name: opencai
  filters: [EnglishFilter, ExactDedupFilter]
PygClaudeRoleplayTask:
  custom_prompts:
  dataset_name: pyg-claude
  filters: [ExactDedupFilter, LlmSlopFilter, RefusalFilter]
RpForumsRoleplayTask:
  custom_prompts:
  dataset_name: rpforums
  filters: []
  remove_ooc: true
TeatimeRoleplayTask:
  allowed_models:
    - claude-v1-100k
    - gpt-4-0314
  custom_prompts:
  dataset_name: teatime
  filters: [EnglishFilter, ExactDedupFilter, LlmSlopFilter, RefusalFilter]
`
    const nine = jobs(text)
    assert.deepStrictEqual(
      Object.entries(nine).map(([key, job]) => [key, job.prefix, job.filters.map(({ name }) => name), job.options]),
      [
        ["AesirRoleplayTask", "aesir", ["ExactDedupFilter"], {}],
        [
          "AiroborosInstructionFollowingTask",
          "airoboros-instruct",
          ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
          {},
        ],
        ["AiTownRoleplayTask", "aitown", ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"], {}],
        [
          "CharacterAiRoleplayTask",
          "characterai",
          ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter", "SimilarityFilter"],
          { timestamp_cutoff: -1 },
        ],
        ["NoRobotsInstructionFollowingTask", "norobots", ["ExactDedupFilter", "RefusalFilter"], {}],
        ["OpenCaiRoleplayTask", "opencai", ["EnglishFilter", "ExactDedupFilter"], { speakers: "most" }],
        ["PygClaudeRoleplayTask", "pygclaude-rp", ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"], {}],
        [
          "RpForumsRoleplayTask",
          "rpforums",
          [],
          {
            columns: { author: "message_username", message: "message", thread: "thread_id", title: "thread_title" },
            groups: "skip",
            remove_ooc: true,
          },
        ],
        [
          "TeatimeRoleplayTask",
          "teatime",
          ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
          { allowed_models: ["claude-v1-100k", "gpt-4-0314"] },
        ],
      ],
    )
    assert.deepStrictEqual(
      Object.values(nine).map(({ customPrompts }) => customPrompts),
      [undefined, undefined, undefined, undefined, ["Be %{helpful|kind}."], undefined, undefined, undefined, undefined],
    )
    assert.deepStrictEqual(check(text).warnings, [
      '"dataset_name" is ignored (9 of them in the config); "folder" names another place',
    ])
  })

  it('C-13: "dataset_name" is no folder: it is accepted, and warned about once', () => {
    const text = "AesirRoleplayTask: { dataset_name: x }\nAiTownRoleplayTask: { dataset_name: 5 }\n"
    assert.deepStrictEqual(check(text).warnings, [
      '"dataset_name" is ignored (2 of them in the config); "folder" names another place',
    ])
    assert.deepStrictEqual(jobs(text)["AesirRoleplayTask"]?.options, {})
    assert.deepStrictEqual(check("AesirRoleplayTask: { dataset_name: }").warnings, [])
  })
})

describe("filters in a config", () => {
  it("stand in their order, with their defaults filled in", () => {
    const text = `
AesirRoleplayTask:
  filters:
    - SimilarityFilter: { threshold: 0.9 }
    - EnglishFilter:
    - AppleFilter: {}
`
    assert.deepStrictEqual(jobs(text)["AesirRoleplayTask"]?.filters, [
      { name: "SimilarityFilter", options: { measure: "neighbours", minReplies: 2, repeats: 0.5, threshold: 0.9 } },
      { name: "EnglishFilter", options: { minLetters: 20, roles: ["user", "model"], threshold: 0.6 } },
      {
        name: "AppleFilter",
        options: { caseSensitive: true, roles: ["user", "model"], wholeWords: false, words: ["apple"] },
      },
    ])
  })

  it("come from the defaults where a task has none; a list of its own replaces them, an empty one too", () => {
    const text = `
defaults: { filters: [ExactDedupFilter] }
AesirRoleplayTask: { filters: [RefusalFilter] }
AiTownRoleplayTask: { filters: [] }
OpenCaiRoleplayTask: { filters: null }
PygClaudeRoleplayTask: {}
NoRobotsInstructionFollowingTask:
`
    assert.deepStrictEqual(filterNames(text, "AesirRoleplayTask"), ["RefusalFilter"])
    assert.deepStrictEqual(filterNames(text, "AiTownRoleplayTask"), [])
    assert.deepStrictEqual(filterNames(text, "OpenCaiRoleplayTask"), ["ExactDedupFilter"])
    assert.deepStrictEqual(filterNames(text, "PygClaudeRoleplayTask"), ["ExactDedupFilter"])
    assert.deepStrictEqual(filterNames(text, "NoRobotsInstructionFollowingTask"), ["ExactDedupFilter"])
    // No section at all.
    assert.deepStrictEqual(filterNames(text, "TeatimeRoleplayTask"), ["ExactDedupFilter"])
  })

  it("C-11: are none where neither a task nor the defaults name any", () => {
    assert.deepStrictEqual(filterNames("AesirRoleplayTask:", "AesirRoleplayTask"), [])
    assert.deepStrictEqual(filterNames("defaults:\nAesirRoleplayTask:", "AesirRoleplayTask"), [])
    assert.deepStrictEqual(filterNames("defaults: { filters: }", "AesirRoleplayTask"), [])
  })

  it("stand twice only with different options", () => {
    const same = "AesirRoleplayTask: { filters: [RefusalFilter, RefusalFilter: { minHits: 1, roles: [model] }] }"
    assert.deepStrictEqual(told(same), ['c.yml:1:47: AesirRoleplayTask.filters[1]: "RefusalFilter" stands here twice'])
    assert.deepStrictEqual(told(same.replace("minHits: 1", "minHits: 2")), [])
  })

  it("that are not a list are told once", () => {
    for (const [given, got] of [
      ["ExactDedupFilter", '"ExactDedupFilter"'],
      ["{ ExactDedupFilter: }", "a mapping"],
      ["5", "5"],
      ["''", '""'],
    ] as const) {
      assert.deepStrictEqual(told(`AesirRoleplayTask:\n  filters: ${given}`), [
        `c.yml:2:12: AesirRoleplayTask.filters: expected a list of filters, for example [ExactDedupFilter], got ${got}`,
      ])
    }
  })

  it("are each told what is wrong with them", () => {
    const text = `
defaults:
  filters:
    - RefusalsFilter
    - Nothing
    - 5
    - null
    - {}
    - [EnglishFilter]
    - { EnglishFilter: {}, RefusalFilter: {} }
    - EnglishFilter: 0.5
    - EnglishFilter: [0.5]
    - RefusalFilter: { minHit: 1, roles: [modle, user], minHits: 0 }
    - SimilarityFilter: { threshold: 2, minReplies: 1.5, measure: [all] }
    - AppleFilter: { words: [], wholeWords: 1 }
    - AppleFilter: { words: [pear, 5, " "] }
    - LlmSlopFilter: { lists: [gtp], extra: word, removed: [not on any list] }
    - LlmSlopFilter: { removed: [not on any list] }
`
    const entry = "expected the name of a filter, or one name with its options, got"
    assert.deepStrictEqual(told(text), [
      'c.yml:4:7: defaults.filters[0]: unknown filter "RefusalsFilter". Did you mean "RefusalFilter"?',
      `c.yml:5:7: defaults.filters[1]: unknown filter "Nothing". Known: ${filterList}.`,
      `c.yml:6:7: defaults.filters[2]: ${entry} 5`,
      `c.yml:7:7: defaults.filters[3]: ${entry} null`,
      `c.yml:8:7: defaults.filters[4]: ${entry} a mapping`,
      `c.yml:9:7: defaults.filters[5]: ${entry} a list`,
      `c.yml:10:7: defaults.filters[6]: ${entry} a mapping`,
      'c.yml:11:22: defaults.filters[7].EnglishFilter: expected options as "option: value", got 0.5',
      'c.yml:12:22: defaults.filters[8].EnglishFilter: expected options as "option: value", got a list',
      'c.yml:13:24: defaults.filters[9].RefusalFilter.minHit: unknown key. Did you mean "minHits"?',
      'c.yml:13:43: defaults.filters[9].RefusalFilter.roles[0]: expected "system", "user" or "model", got "modle". ' +
        'Did you mean "model"?',
      "c.yml:13:66: defaults.filters[9].RefusalFilter.minHits: expected a number greater than or equal to 1, got 0",
      "c.yml:14:38: defaults.filters[10].SimilarityFilter.threshold: expected a number between 0 and 1, got 2",
      "c.yml:14:53: defaults.filters[10].SimilarityFilter.minReplies: expected an integer, got 1.5",
      "c.yml:14:67: defaults.filters[10].SimilarityFilter.measure: " +
        'expected "neighbours", "all" or "maximum", got a list',
      "c.yml:15:29: defaults.filters[11].AppleFilter.words: must not be empty",
      "c.yml:15:45: defaults.filters[11].AppleFilter.wholeWords: expected true or false, got 1",
      "c.yml:16:36: defaults.filters[12].AppleFilter.words[1]: expected text, got 5",
      "c.yml:16:39: defaults.filters[12].AppleFilter.words[2]: a phrase must hold more than white space",
      'c.yml:17:32: defaults.filters[13].LlmSlopFilter.lists[0]: expected "gpt" or "claude", got "gtp". ' +
        'Did you mean "gpt"?',
      'c.yml:17:45: defaults.filters[13].LlmSlopFilter.extra: expected a list, got "word"',
      'c.yml:18:22: defaults.filters[14].LlmSlopFilter: removed: no list holds the phrase "not on any list"',
    ])
  })
})

describe("custom prompts", () => {
  const promptsOf = (value: string) =>
    jobs(`PygClaudeRoleplayTask:\n  custom_prompts: ${value}`)["PygClaudeRoleplayTask"]?.customPrompts

  it("C-12: are a list or one text", () => {
    assert.deepStrictEqual(promptsOf("Play {{char}}."), ["Play {{char}}."])
    assert.deepStrictEqual(promptsOf('["One.", "Two, %{with|for} {{user}}."]'), ["One.", "Two, %{with|for} {{user}}."])
  })

  it("that are null or an empty list are the built-in ones", () => {
    assert.isUndefined(promptsOf("null"))
    assert.isUndefined(promptsOf(""))
    assert.isUndefined(promptsOf("[]"))
  })

  it("that are malformed, empty, no text, or ask for what the task does not have are told", () => {
    assert.deepStrictEqual(told("AesirRoleplayTask:\n  custom_prompts: ['ok', '', 5, '%{one}', '{{usr}} {{char}}']"), [
      "c.yml:2:26: AesirRoleplayTask.custom_prompts[1]: the prompt is empty",
      "c.yml:2:30: AesirRoleplayTask.custom_prompts[2]: expected text, got 5",
      "c.yml:2:33: AesirRoleplayTask.custom_prompts[3]: the block at character 1 has only one alternative",
      'c.yml:2:43: AesirRoleplayTask.custom_prompts[4]: unknown placeholder "{{usr}}". Did you mean "user"?',
      "c.yml:2:43: AesirRoleplayTask.custom_prompts[4]: this task has no {{char}}; it offers {{user}}",
    ])
    assert.deepStrictEqual(told("AesirRoleplayTask:\n  custom_prompts: ''"), [
      "c.yml:2:19: AesirRoleplayTask.custom_prompts: the prompt is empty",
    ])
    for (const [given, got] of [
      ["5", "5"],
      ["{ a: b }", "a mapping"],
    ] as const) {
      assert.deepStrictEqual(told(`AesirRoleplayTask:\n  custom_prompts: ${given}`), [
        `c.yml:2:19: AesirRoleplayTask.custom_prompts: expected text or a list, got ${got}`,
      ])
    }
  })
})

describe("a section under a name of its own", () => {
  it("runs the task it names, beside the task's own section; its key begins identifiers", () => {
    const text = `
ShareGptTask: { files: a.jsonl }
MyLogs: { task: ShareGptTask, files: [b.jsonl], share: 0.5 }
"mein-Übung.2": { task: ShareGptTask, files: [c.jsonl] }
`
    const made = jobs(text)
    assert.deepStrictEqual(
      Object.entries(made).map(([key, { options, prefix, share, task }]) => [
        key,
        task,
        prefix,
        options["files"],
        share,
      ]),
      [
        ["ShareGptTask", "ShareGptTask", "sharegpt", ["a.jsonl"], 1],
        ["MyLogs", "ShareGptTask", "MyLogs", ["b.jsonl"], 0.5],
        ["mein-Übung.2", "ShareGptTask", "mein-Übung.2", ["c.jsonl"], 1],
      ],
    )
  })

  it("keeps the task's own prefix where the key is the task's name", () => {
    assert.strictEqual(jobs("AesirRoleplayTask: { task: AesirRoleplayTask }")["AesirRoleplayTask"]?.prefix, "aesir")
  })

  it("cannot take another task's name, nor one that --tasks could not name", () => {
    const rule = "a name for --tasks is not empty and holds no commas and no blanks"
    const section = "{ task: AesirRoleplayTask }"
    assert.deepStrictEqual(
      told(`AlpacaTask: ${section}\n'': ${section}\na b: ${section}\n"a,b": ${section}\n"a\\u0007b": ${section}`),
      [
        'c.yml:1:21: AlpacaTask.task: the key "AlpacaTask" is the name of another task; choose a name of your own',
        `c.yml:2:1: [""]: ${rule}`,
        `c.yml:3:1: ["a b"]: ${rule}`,
        `c.yml:4:1: ["a,b"]: ${rule}`,
        `c.yml:5:1: ["a\\u0007b"]: ${rule}`,
      ],
    )
  })

  it("must name a task that there is", () => {
    const known = `Known: ${taskNames}, defaults, plugins.`
    assert.deepStrictEqual(
      told("Mine: { task: Alpaca }\nYours: { task: 5 }\nOurs:\nTheirs: 5\nOnes: { share: 1 }\nplugin: []"),
      [
        'c.yml:1:15: Mine.task: unknown task "Alpaca". Did you mean "AlpacaTask"?',
        `c.yml:2:16: Yours.task: unknown task 5. Known: ${taskNames}.`,
        `c.yml:3:1: Ours: unknown task "Ours". ${known} A section of another name needs "task: NAME".`,
        `c.yml:4:1: Theirs: unknown task "Theirs". ${known} A section of another name needs "task: NAME".`,
        `c.yml:5:1: Ones: unknown task "Ones". ${known} A section of another name needs "task: NAME".`,
        'c.yml:6:1: plugin: unknown task "plugin". Did you mean "plugins"? ' +
          'A section of another name needs "task: NAME".',
      ],
    )
  })
})

describe("what is wrong with a config", () => {
  it("is told at once, in the order of the file, for sections that are not selected as well", () => {
    const text = `
TeatimeRoleplayTask:
  allowed_models: claude
CharacterAiRoleplayTask:
  timestamp_cutof: 5
  timestamp_cutoff: soon
plugins: []
defaults: { filter: [], filters: [NoFilter] }
RpForumsRoleplayTask:
  remove_ooc: 1
  content_type: { "*.csv": erp, "a.csv": er }
  groups: prefixed
  columns: { author: 5, writer: x }
AesirRoleplayTask: [a]
MessagesTask: { files: x, roles: { mod: x }, fields: { role: '', id: 5 }, tools: dorp }
`
    assert.deepStrictEqual(told(text, ["AiTownRoleplayTask", "AlpacaTask", "Aesir", "AesirRoleplayTask"]), [
      'c.yml:3:19: TeatimeRoleplayTask.allowed_models: expected a list, got "claude"',
      'c.yml:5:3: CharacterAiRoleplayTask.timestamp_cutof: unknown key. Did you mean "timestamp_cutoff"?',
      'c.yml:6:21: CharacterAiRoleplayTask.timestamp_cutoff: expected a number, got "soon"',
      'c.yml:8:13: defaults.filter: unknown key. Did you mean "filters"?',
      `c.yml:8:35: defaults.filters[0]: unknown filter "NoFilter". Known: ${filterList}.`,
      "c.yml:10:15: RpForumsRoleplayTask.remove_ooc: expected true or false, got 1",
      'c.yml:11:42: RpForumsRoleplayTask.content_type["a.csv"]: expected "rp", "erp" or "mixed", got "er". ' +
        'Did you mean "erp"?',
      'c.yml:12:11: RpForumsRoleplayTask.groups: expected "skip" or "prefix", got "prefixed". Did you mean "prefix"?',
      "c.yml:13:22: RpForumsRoleplayTask.columns.author: expected text, got 5",
      "c.yml:13:25: RpForumsRoleplayTask.columns.writer: unknown key. Known: title, author, message, thread.",
      'c.yml:14:20: AesirRoleplayTask: expected the settings of a task as "key: value", got a list',
      'c.yml:15:36: MessagesTask.roles.mod: unknown key. Did you mean "model"?',
      'c.yml:15:62: MessagesTask.fields.role: expected a non empty string, got ""',
      "c.yml:15:70: MessagesTask.fields.id: expected a non empty string, got 5",
      'c.yml:15:82: MessagesTask.tools: expected "drop", "text" or "skip", got "dorp". Did you mean "drop"?',
      'AlpacaTask.files: is missing: name your own files, for example files: ["chats/*.jsonl"]',
      '--tasks: unknown task "Aesir". Did you mean "AesirRoleplayTask"?',
    ])
  })

  it("names the values that a key takes", () => {
    const section = (line: string): ReadonlyArray<string> => told(`AesirRoleplayTask:\n  ${line}`)
    const at = (column: number, rest: string): ReadonlyArray<string> => [`c.yml:2:${column}: AesirRoleplayTask.${rest}`]
    assert.deepStrictEqual(section("task: 5"), at(9, `task: unknown task 5. Known: ${taskNames}.`))
    assert.deepStrictEqual(section("folder: 5"), at(11, "folder: expected text, got 5"))
    assert.deepStrictEqual(section("files: 5"), at(10, "files: expected a non empty string or a list, got 5"))
    assert.deepStrictEqual(section("files: ''"), at(10, 'files: expected a non empty string, got ""'))
    assert.deepStrictEqual(section("files: []"), at(10, "files: must not be empty"))
    assert.deepStrictEqual(section("files: [a, 5]"), at(14, "files[1]: expected a non empty string, got 5"))
    assert.deepStrictEqual(
      section("names: kep"),
      at(10, 'names: expected "keep" or "replace", got "kep". Did you mean "keep"?'),
    )
    assert.deepStrictEqual(section("names: true"), at(10, 'names: expected "keep" or "replace", got true'))
    assert.deepStrictEqual(
      section("clean: offf"),
      at(10, 'clean: expected "original", "chat", "off" or a mapping, got "offf". Did you mean "off"?'),
    )
    assert.deepStrictEqual(
      section("clean: [off]"),
      at(10, 'clean: expected "original", "chat", "off" or a mapping, got a list'),
    )
    assert.deepStrictEqual(
      section("clean: { quote: true }"),
      at(12, 'clean.quote: unknown key. Did you mean "quotes"?'),
    )
    assert.deepStrictEqual(section("clean: { quotes: 1 }"), at(20, "clean.quotes: expected true or false, got 1"))
    for (const share of ["2", "-0.5", ".nan", ".inf"]) {
      const got = { ".nan": "NaN", ".inf": "Infinity" }[share] ?? share
      assert.deepStrictEqual(section(`share: ${share}`), at(10, `share: expected a number between 0 and 1, got ${got}`))
    }
    assert.deepStrictEqual(section("share: half"), at(10, 'share: expected a number between 0 and 1, got "half"'))
    assert.deepStrictEqual(section("share: {}"), at(10, "share: expected a number between 0 and 1, got a mapping"))
    assert.deepStrictEqual(section("Share: 1"), at(3, 'Share: unknown key. Did you mean "share"?'))
    assert.deepStrictEqual(section("colour: red"), at(3, `colour: unknown key. Known: ${common}.`))
    assert.deepStrictEqual(section("shar: null"), at(3, 'shar: unknown key. Did you mean "share"?'))
  })

  it("lies in files that a task for own files does not name", () => {
    const missing = 'is missing: name your own files, for example files: ["chats/*.jsonl"]'
    assert.deepStrictEqual(told("ShareGptTask: { share: 1 }\nAlpacaTask:\nMessagesTask: { files: null }"), [
      `c.yml:1:15: ShareGptTask.files: ${missing}`,
      `c.yml:2:12: AlpacaTask.files: ${missing}`,
      `c.yml:3:24: MessagesTask.files: ${missing}`,
    ])
  })

  it("is a top level, defaults or a selected task of the wrong kind", () => {
    for (const [text, got] of [
      ["- a", "a list"],
      ["[]", "an empty list"],
      ["hello", '"hello"'],
      ["5", "5"],
      ["false", "false"],
    ] as const) {
      assert.deepStrictEqual(told(text, ["AesirRoleplayTask"]), [
        `c.yml:1:1: the config must be a mapping of task names to their settings, got ${got}`,
      ])
    }
    assert.deepStrictEqual(told("defaults: [ExactDedupFilter]"), [
      "c.yml:1:11: defaults: expected a mapping, for example { filters: [ExactDedupFilter] }, got a list",
    ])
    assert.deepStrictEqual(told("Mine: { task: AesirRoleplayTask }", ["Mein", "defaults", "Mine"]), [
      '--tasks: unknown task "Mein". Did you mean "Mine"?',
      `--tasks: unknown task "defaults". Known: Mine, ${taskNames}.`,
    ])
  })

  it("is told once of a section that is broken and selected", () => {
    assert.deepStrictEqual(told("AesirRoleplayTask: { share: 5 }\nMine: {}", ["AesirRoleplayTask", "Mine"]), [
      "c.yml:1:29: AesirRoleplayTask.share: expected a number between 0 and 1, got 5",
      `c.yml:2:1: Mine: unknown task "Mine". Known: ${taskNames}, defaults, plugins. ` +
        'A section of another name needs "task: NAME".',
    ])
  })

  it("shows no more than 80 characters of a value, and none of a list or mapping", () => {
    const long = "x".repeat(5000)
    assert.deepStrictEqual(told(`AesirRoleplayTask: { names: ${long} }`), [
      `c.yml:1:29: AesirRoleplayTask.names: expected "keep" or "replace", got "${"x".repeat(79)}…"`,
    ])
    const cut = `"${"x".repeat(79)}…"`
    assert.deepStrictEqual(told(`? ${long}\n: { task: AesirRoleplayTask, share: 2 }\n${long.slice(0, 99)}: {}`), [
      `c.yml:2:37: [${cut}].share: expected a number between 0 and 1, got 2`,
      `c.yml:3:1: [${cut}]: unknown task ${cut}. Known: ${taskNames}, defaults, plugins. ` +
        'A section of another name needs "task: NAME".',
    ])
  })
})

describe("the text of a config", () => {
  it("that is no YAML is told with line and column", () => {
    assert.deepStrictEqual(told("AesirRoleplayTask:\n  filters: [a, b\nshare: 1"), [
      "c.yml:3:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ])
    assert.deepStrictEqual(told("a: 'x"), ["c.yml:1:6: not valid YAML: Missing closing 'quote"])
    assert.deepStrictEqual(told("\tshare: 1"), ["c.yml:1:1: not valid YAML: Tabs are not allowed as indentation"])
    assert.deepStrictEqual(told("a: b: c"), [
      "c.yml:1:4: not valid YAML: Nested mappings are not allowed in compact mappings",
    ])
    assert.deepStrictEqual(told("@a: 1\nb: `x"), [
      "c.yml:1:1: not valid YAML: Plain value cannot start with reserved character @",
      "c.yml:2:4: not valid YAML: Plain value cannot start with reserved character `",
    ])
    assert.deepStrictEqual(told("a: !pet cat"), ["c.yml:1:4: not valid YAML: Unresolved tag: !pet"])
    assert.deepStrictEqual(told("AesirRoleplayTask: !!set { a, b }"), [
      "c.yml:1:20: not valid YAML: Unresolved tag: tag:yaml.org,2002:set",
    ])
    assert.deepStrictEqual(told("a: 1\n---\nb: 2"), ["c.yml:2:1: the file holds more than one document"])
  })

  it("names every key once in a mapping", () => {
    const text = "AesirRoleplayTask:\n  share: 1\n  share: 0.5\nAesirRoleplayTask: {}\n1: a\n'1': b"
    assert.deepStrictEqual(told(text), [
      "c.yml:3:3: AesirRoleplayTask.share: this key stands here twice",
      "c.yml:4:1: AesirRoleplayTask: this key stands here twice",
      "c.yml:6:1: 1: this key stands here twice",
    ])
  })

  it("has keys that are text", () => {
    assert.deepStrictEqual(told("? [a, b]\n: 1\n? { x: 1 }\n: 2\nnull: 3\nAesirRoleplayTask: { [x]: 1, ~: 2 }"), [
      "c.yml:1:3: a key must be text",
      "c.yml:3:3: a key must be text",
      "c.yml:5:1: a key must be text",
      "c.yml:6:22: AesirRoleplayTask: a key must be text",
      "c.yml:6:30: AesirRoleplayTask: a key must be text",
    ])
    assert.deepStrictEqual(told("5: {}\ntrue: {}"), [
      `c.yml:1:1: 5: unknown task "5". Known: ${taskNames}, defaults, plugins. ` +
        'A section of another name needs "task: NAME".',
      `c.yml:2:1: true: unknown task "true". Known: ${taskNames}, defaults, plugins. ` +
        'A section of another name needs "task: NAME".',
    ])
  })

  it("may use anchors and merge keys, whose values the section's own go before", () => {
    const text = `
AesirRoleplayTask: &base
  share: 0.5
  names: replace
  filters: &f [ExactDedupFilter]
AiTownRoleplayTask:
  <<: *base
  share: 0.25
Mine:
  <<: [{ share: 0.75 }, *base]
  task: OpenCaiRoleplayTask
NoRobotsInstructionFollowingTask: { filters: *f }
`
    const made = jobs(text)
    assert.deepStrictEqual(
      Object.values(made).map(({ filters, names, share }) => [share, names, filters.length]),
      [
        [0.5, "replace", 1],
        [0.25, "replace", 1],
        [0.75, "replace", 1],
        [1, "keep", 1],
      ],
    )
  })

  it("tells what is wrong behind an alias or merge key where it is used", () => {
    const text = `
AesirRoleplayTask:
  filters: &f [ExactDedupFilter, Foo]
AiTownRoleplayTask:
  filters: *f
OpenCaiRoleplayTask:
  <<: { share: 5 }
`
    assert.deepStrictEqual(told(text), [
      `c.yml:3:34: AesirRoleplayTask.filters[1]: unknown filter "Foo". Known: ${filterList}.`,
      `c.yml:5:12: AiTownRoleplayTask.filters[1]: unknown filter "Foo". Known: ${filterList}.`,
      "c.yml:7:3: OpenCaiRoleplayTask.share: expected a number between 0 and 1, got 5",
    ])
    for (const value of ["5", "[{}, 5]", "&a [[]]"])
      assert.deepStrictEqual(told(`AesirRoleplayTask: { <<: ${value} }`), [
        'c.yml:1:22: AesirRoleplayTask["<<"]: takes a mapping, or a list of mappings',
      ])
    assert.deepStrictEqual(told("AesirRoleplayTask: { '<<': {} }"), [
      `c.yml:1:22: AesirRoleplayTask["<<"]: unknown key. Known: ${common}.`,
    ])
  })

  it("has aliases that stand for something above, and not for themselves", () => {
    assert.deepStrictEqual(told("AesirRoleplayTask: { filters: *f, share: *s }\nx: &f []"), [
      "c.yml:1:31: AesirRoleplayTask.filters: nothing above is marked &f, which *f stands for",
      "c.yml:1:42: AesirRoleplayTask.share: nothing above is marked &s, which *s stands for",
    ])
    assert.deepStrictEqual(told("AesirRoleplayTask: &a { filters: [*a] }"), [
      "c.yml:1:35: AesirRoleplayTask.filters[0]: *a stands inside what it stands for",
    ])
    assert.deepStrictEqual(told("AesirRoleplayTask: &a { <<: *a }"), [
      'c.yml:1:29: AesirRoleplayTask["<<"]: *a stands inside what it stands for',
    ])
    // The later mark of one name counts from there on.
    assert.deepStrictEqual(valueOf("a: [&x 1, *x, &x 2, *x]"), { a: [1, 1, 2, 2] })
  })

  it("cannot grow without bounds: bombs of aliases and of merge keys are refused in no time", () => {
    const lines = (make: (i: number) => string): string => Array.from({ length: 40 }, (_, i) => make(i)).join("\n")
    const ten = (i: number): string => Array(10).fill(`*a${i}`).join(", ")
    const started = performance.now()
    assert.deepStrictEqual(told(lines((i) => `a${i}: &a${i} ${i === 0 ? "x" : `[${ten(i - 1)}]`}`)), [
      "c.yml:6:45: a5[7]: the aliases up to here stand for more than 100000 values",
    ])
    assert.deepStrictEqual(told(lines((i) => `a${i}: &a${i} ${i === 0 ? "{ x: 1 }" : `{ <<: [${ten(i - 1)}] }`}`)), [
      'c.yml:6:31: a5["<<"][3]: the aliases up to here stand for more than 100000 values',
    ])
    assert.isBelow(performance.now() - started, 5000)
    const used = Array(500).fill("*p").join(", ")
    assert.strictEqual(
      jobs(`AesirRoleplayTask: { custom_prompts: [&p Hello., ${used}] }`)["AesirRoleplayTask"]?.customPrompts?.length,
      501,
    )
  })

  it("that is nested too deeply is told, not crashed on", () => {
    for (const text of [
      `AesirRoleplayTask: ${"[".repeat(3_000)}${"]".repeat(3_000)}`,
      `AesirRoleplayTask: { dataset_name: ${"{a: ".repeat(3_000)}1${"}".repeat(3_000)} }`,
    ]) {
      const problems = told(text)
      assert.strictEqual(problems.length, 1)
      assert.match(problems[0] as string, /^c\.yml:1:\d+: the config is nested too deeply$/)
    }
    const some = `AesirRoleplayTask: { dataset_name: ${"[".repeat(100)}${"]".repeat(100)} }`
    assert.deepStrictEqual(told(some), [])
  })

  it("may hold the names that objects are born with, as keys like any other", () => {
    const text = `
AesirRoleplayTask:
  __proto__: { share: 0 }
  constructor: 5
  toString: 5
  clean: { __proto__: true }
  names: constructor
  filters: [__proto__, { constructor: 5 }, RefusalFilter: { __proto__: { minHits: 5 } }]
OpenCaiRoleplayTask:
  <<: { __proto__: 5 }
__proto__:
  share: 5
hasOwnProperty: { task: valueOf }
`
    const top = `Known: ${taskNames}, defaults, plugins. A section of another name needs "task: NAME".`
    assert.deepStrictEqual(told(text), [
      `c.yml:3:3: AesirRoleplayTask.__proto__: unknown key. Known: ${common}.`,
      `c.yml:4:3: AesirRoleplayTask.constructor: unknown key. Known: ${common}.`,
      `c.yml:5:3: AesirRoleplayTask.toString: unknown key. Known: ${common}.`,
      "c.yml:6:12: AesirRoleplayTask.clean.__proto__: unknown key. " + `Known: ${cleanFlagNames.join(", ")}.`,
      'c.yml:7:10: AesirRoleplayTask.names: expected "keep" or "replace", got "constructor"',
      `c.yml:8:13: AesirRoleplayTask.filters[0]: unknown filter "__proto__". Known: ${filterList}.`,
      `c.yml:8:24: AesirRoleplayTask.filters[1]: unknown filter "constructor". Known: ${filterList}.`,
      "c.yml:8:61: AesirRoleplayTask.filters[2].RefusalFilter.__proto__: unknown key. " +
        "Known: roles, threshold, weights, minHits, extra, removed.",
      "c.yml:10:3: OpenCaiRoleplayTask.__proto__: unknown key. Known: speakers, " + `${common}.`,
      `c.yml:11:1: __proto__: unknown task "__proto__". ${top}`,
      `c.yml:13:25: hasOwnProperty.task: unknown task "valueOf". Known: ${taskNames}.`,
    ])
    assert.strictEqual(({} as { share?: unknown }).share, undefined)
    const made = jobs("__proto__: { task: AesirRoleplayTask }\nconstructor: { task: AiTownRoleplayTask }")
    assert.deepStrictEqual(Object.keys(made), ["__proto__", "constructor"])
    assert.deepStrictEqual(
      Object.values(made).map(({ prefix }) => prefix),
      ["__proto__", "constructor"],
    )
  })

  it("never crashes, and every problem has its place, whatever the text is", () => {
    const words = ["AesirRoleplayTask", "share", "filters", "RefusalFilter", "&a", "*a", "<<", "null", "!!str", "0.5"]
    const marks = [":", ": ", "- ", "{", "}", "[", "]", ", ", "\n", "\n  ", "'", '"', "|", "#", "? ", "---", "%", "\t"]
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words, ...marks), fc.string({ unit: "binary", maxLength: 3 })), {
        maxLength: 25,
      })
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, (given) => {
        for (const { column, line } of check(given).problems) {
          assert.isAtLeast(line ?? 0, 1, given)
          assert.isAtLeast(column ?? 0, 1, given)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe("options that an app's own components declare", () => {
  const filter: FilterDefinition = Filter.define({
    name: "ShortFilter",
    options: {
      words: Schema.Int.annotations({ message: () => "give a whole number of words" }),
      mode: Schema.optionalWith(Schema.Literal("soft", 2, null), { default: () => "soft" as const }),
      pair: Schema.optional(Schema.Tuple(Schema.Number, Schema.Number)),
      limits: Schema.optional(Schema.Struct({ least: Schema.Number, most: Schema.optional(Schema.Number) })),
      day: Schema.optional(Schema.Date),
    },
    check: ({ words }: { readonly words: number }) => (words > 9 ? ["too many words", "far too many"] : []),
    judge: () => () => undefined,
  })
  const task: TaskDefinition = Task.define({
    ...(tasks.find(({ name }) => name === "AesirRoleplayTask") as TaskDefinition),
    name: "OwnTask",
    prefix: "own",
    options: {
      share: Schema.optionalWith(Schema.String, { default: () => "mine" }),
      folder: Schema.Literal("here", "there"),
      depth: Schema.Number,
    },
  })
  const among = { tasks: [task], filters: [filter] }

  it("are decoded, and their checks told", () => {
    const entry = (given: string): ReadonlyArray<string> => told(`defaults: { filters: [${given}] }`, [], among)
    const at = (column: number, rest: string) => `c.yml:1:${column}: defaults.filters[0].ShortFilter${rest}`
    assert.deepStrictEqual(told("defaults: { filters: [ShortFilter] }", [], among), [
      "c.yml:1:23: defaults.filters[0].words: is missing",
    ])
    assert.deepStrictEqual(entry("ShortFilter: { words: 1.5, mode: x }"), [
      at(45, ".words: give a whole number of words"),
      at(56, '.mode: expected "soft" or 2, got "x"'),
    ])
    assert.deepStrictEqual(entry("ShortFilter: { words: 1, pair: [1], limits: { lest: 1 } }"), [
      at(54, ".pair[1]: is missing"),
      at(67, ".limits.least: is missing"),
      at(69, '.limits.lest: unknown key. Did you mean "least"?'),
    ])
    assert.deepStrictEqual(entry("ShortFilter: { words: 10 }"), [at(36, ": too many words"), at(36, ": far too many")])
    assert.deepStrictEqual(entry("ShortFilter: { words: 1, pair: [1, 2], limits: { least: 1 }, day: 2024-01-02 }"), [])
  })

  it("cannot change what the common keys mean, but where the files lie", () => {
    const resolved = check("OwnTask: { share: 0.5, folder: here, depth: 1 }", [], among).tasks.get("OwnTask")
    assert.strictEqual(resolved?.job.share, 0.5)
    assert.deepStrictEqual(resolved?.job.options, { folder: "here", depth: 1 })
    assert.deepStrictEqual(told("OwnTask: { share: mine, folder: nowhere }", ["OwnTask"], among), [
      "c.yml:1:10: OwnTask.depth: is missing",
      'c.yml:1:19: OwnTask.share: expected a number between 0 and 1, got "mine"',
      'c.yml:1:33: OwnTask.folder: expected "here" or "there", got "nowhere". Did you mean "here"?',
    ])
  })
})

describe("the plug-ins of a config", () => {
  const paths = (text: string) => {
    const { config } = Config.parse(text, "c.yml")
    const { modules, problems } = Config.pluginPaths(config, "/home/me")
    return {
      files: modules.map(({ file, path }) => [file, Config.formatPath(path)]),
      told: problems.length === 0 ? [] : new ConfigError({ file: "c.yml", problems }).message.split("\n"),
    }
  }

  it("lie relative to the config's folder; one may be given as text", () => {
    assert.deepStrictEqual(paths("plugins: [./a.mjs, ../b.mjs, /opt/c.mjs]").files, [
      ["/home/me/a.mjs", "plugins[0]"],
      ["/home/b.mjs", "plugins[1]"],
      ["/opt/c.mjs", "plugins[2]"],
    ])
    assert.deepStrictEqual(paths("plugins: a.mjs").files, [["/home/me/a.mjs", "plugins"]])
    for (const text of ["", "plugins:", "plugins: []", "- plugins"])
      assert.deepStrictEqual(paths(text), { files: [], told: [] })
  })

  it("that are no files or stand twice are told, and the others keep their places", () => {
    assert.deepStrictEqual(paths('plugins: [5, a.mjs, "", [b.mjs], ./a.mjs, c.mjs]'), {
      files: [
        ["/home/me/a.mjs", "plugins[1]"],
        ["/home/me/c.mjs", "plugins[5]"],
      ],
      told: [
        "c.yml:1:11: plugins[0]: expected the file of a module, got 5",
        'c.yml:1:21: plugins[2]: expected the file of a module, got ""',
        "c.yml:1:25: plugins[3]: expected the file of a module, got a list",
        'c.yml:1:34: plugins[4]: "./a.mjs" stands here twice',
      ],
    })
    assert.deepStrictEqual(paths("plugins: { a: b }").told, [
      "c.yml:1:10: plugins: expected the file of a module, got a mapping",
    ])
  })
})
