/** What the arguments alone decide, without a process for each. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { answer, arranged, help } from "../../src/programs/Arguments.ts"
import { told } from "../../src/programs/Cli.ts"
import { parseNames } from "../../src/programs/commands/Shared.ts"
import { ConfigError, DatasetError, PolicyError } from "../../src/domain/Errors.ts"

const asked = (line: string, isTerminal = false) =>
  answer(line === "" ? [] : line.split(" "), { isTerminal, version: "1.2.3" })

const given = "build --tasks A --config c.yml --output-file o.jsonl --format f"

describe("arguments", () => {
  it("that can be meant go on to the parser", () => {
    for (const line of [
      given,
      `${given} --quiet --max-length -1 --seed=+7 --max-bad 1% --output-file=-`.replace("--output-file o.jsonl ", ""),
      "--log-level debug list tasks",
      "list --json",
      "preview --tasks A,B --config c.yml --examples 5",
    ])
      assert.isUndefined(asked(line), line)
  })

  it("a value that looks like an option is a forgotten value, unless it stands after =", () => {
    assert.deepStrictEqual(asked(`${given} --ledger --quiet`), {
      code: 2,
      text: "data-toolbox: --ledger needs a value: --ledger FILE\n",
    })
    assert.isUndefined(asked(`${given} --ledger=--quiet`))
    assert.isUndefined(asked(`${given} --ledger -`))
  })

  it("the wizard needs a terminal", () => {
    assert.isUndefined(asked("build --wizard", true))
    assert.deepStrictEqual(asked("build --wizard"), {
      code: 2,
      text: "data-toolbox: --wizard asks questions and needs a terminal\n",
    })
  })

  it("of any kind are answered or go on, and never throw", () => {
    const words =
      "build list preview help tasks --tasks --config --quiet --log-level --completions bash -h -x -- - = --= " +
      "--seed=1 --help --version __proto__ --__proto__ "
    const word = fc.constantFrom(...words.split(" "))
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 8 }), (args) => {
        const result = answer(args, { isTerminal: false, version: "1.2.3" })
        if (result === undefined || "completions" in result) return
        assert.oneOf(result.code, [0, 2])
        assert.isTrue(result.text.endsWith("\n"))
        if (result.code === 2) assert.match(result.text, /^data-toolbox: /)
      }),
    )
  })

  it("a log level is moved before the command, with its value", () => {
    assert.deepStrictEqual(arranged(["list", "--log-level", "debug", "tasks"]), [
      "--log-level",
      "debug",
      "list",
      "tasks",
    ])
    assert.deepStrictEqual(arranged(["list", "--log-level=debug"]), ["--log-level=debug", "list"])
    assert.deepStrictEqual(arranged(["list", "tasks"]), ["list", "tasks"])
  })

  it("C-10: task names are trimmed, and empty ones left out", () => {
    assert.deepStrictEqual(parseNames(" A ,B,, C\t,"), ["A", "B", "C"])
    assert.deepStrictEqual(parseNames(" , "), [])
  })
})

describe("help", () => {
  it("says what each option is for, and nothing of the framework's own", () => {
    for (const name of ["build", "preview", "list"]) {
      const text = help(name)
      assert.notMatch(text, /user-defined|true or false value|This setting is optional|undefined/)
      for (const line of text.split("\n").filter((one) => one.startsWith("  -")))
        assert.match(line, /^ {2}(?:-h, )?--[a-z-]+(?: [A-Z|%,]+)? {2,}\S/)
    }
  })
})

describe("errors", () => {
  it("are told a line each, what was asked wrongly with 2 and a run that failed with 1", () => {
    const wrong = new ConfigError({
      file: "c.yml",
      problems: [
        { path: "A.x", message: "unknown key.", line: 3, column: 2 },
        { path: "--tasks", message: "name at least one task" },
      ],
    })
    assert.deepStrictEqual(told(wrong), {
      code: 2,
      text: "data-toolbox: c.yml:3:2: A.x: unknown key.\ndata-toolbox: --tasks: name at least one task",
    })
    assert.strictEqual(told(new PolicyError({ reason: "TooManyBad", task: "A", detail: "too many" })).code, 1)
    const missing = new DatasetError({ dataset: "d", reason: "NotFound", folder: "/f", expected: ["a", "b"] })
    assert.deepStrictEqual(
      [told(missing).code, told(missing).text.split(". ")[0]],
      [1, 'data-toolbox: no raw data for dataset "d": expected a or b in /f'],
    )
  })
})
