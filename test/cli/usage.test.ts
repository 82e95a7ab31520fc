/** What is answered before any work begins: help, the version, and arguments that cannot be meant. */
import { assert, describe, it, vi } from "@effect/vitest"
import {
  bin,
  buildChats,
  chat,
  chatFolder,
  cli,
  folder,
  listing,
  ok,
  root,
  shell,
  timeout,
  words,
} from "../support/cli.ts"
import { accessSync, constants, readFileSync } from "node:fs"
import { join } from "node:path"

vi.setConfig({ testTimeout: timeout })

const escape = "\u001b"

/** Runs arguments that are refused: exit code 2, nothing on stdout. The lines of stderr. */
const refused = async (args: ReadonlyArray<string>, cwd?: string): Promise<ReadonlyArray<string>> => {
  const { code, stderr, stdout } = await cli(args, cwd === undefined ? {} : { cwd })
  assert.strictEqual(code, 2, stderr)
  assert.strictEqual(stdout, "")
  assert.isTrue(stderr.endsWith("\n"))
  return stderr.trimEnd().split("\n")
}

describe("help", () => {
  it("of the whole names every command and the options that all of them take", async () => {
    const { stderr, stdout } = await ok(["--help"])
    assert.strictEqual(stderr, "")
    const lines = stdout.split("\n")
    assert.include(lines, "Usage: data-toolbox COMMAND [OPTIONS]")
    assert.include(lines, "  build     Builds training data from raw data")
    assert.include(lines, "  preview   Shows the first examples of each task in the terminal, without writing anything")
    assert.include(lines, "  list      Tells what tasks, datasets, filters, formats and tokenizers there are")
    assert.include(lines, "  --version            Tells the version")
    assert.include(lines, "  --completions SHELL  Prints a completion script for bash, zsh, fish or sh")
  })

  it("of build names every option of its contract, those that must be given first", async () => {
    const { stdout } = await ok(["build", "--help"])
    assert.include(
      stdout,
      "\nUsage: data-toolbox build --tasks A,B --config FILE --output-file FILE --format NAME [OPTIONS]\n",
    )
    assert.match(stdout, /\n {2}--max-length N +Tokens an example may have\. Default: -1, no limit\n/)
    assert.match(stdout, /\n {2}--seed N +[^\n]+\n +Default: 42\n/)
    const named = [...stdout.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, name]) => name)
    assert.deepStrictEqual(named, [
      ...words("tasks config output-file max-length length tokenizer seed role-tokens chat-template limit"),
      ...words(
        "data-folder workers verbose format for no-identifier shuffle validation validation-strict strict max-bad ledger manifest keep-work dry-run",
      ),
      ...words("quiet json download allow-http help version completions log-level wizard"),
    ])
    assert.strictEqual(stdout.match(/\(required\)/g)?.length, 3)
  })

  it("of preview offers examples and no output", async () => {
    const { stdout } = await ok(["preview", "--help"])
    assert.include(stdout, "Usage: data-toolbox preview --tasks A,B --config FILE [OPTIONS]\n")
    assert.match(stdout, /\n {2}--examples N +Examples of each task to show\. Default: 3\n/)
    assert.notInclude(stdout, "--output-file")
  })

  it("of list names what can be listed", async () => {
    const { stdout } = await ok(["list", "-h"])
    assert.include(stdout, "[tasks|datasets|filters|formats|tokenizers]\n")
  })

  it("fits on the screen: no line is longer than 100 characters, but for the example", async () => {
    for (const args of [["--help"], ["build", "--help"], ["preview", "--help"], ["list", "--help"]]) {
      const { stdout } = await ok(args)
      const long = stdout.split("\n").filter((line) => line.length > 100 && !line.startsWith("Example: "))
      assert.deepStrictEqual(long, [])
    }
  })

  it("is the same with -h, as a command, among other options, and plain with and without NO_COLOR", async () => {
    const { stdout } = await ok(["build", "--help"])
    assert.notInclude(stdout, escape)
    for (const args of [
      ["build", "-h"],
      ["help", "build"],
      ["--help", "build"],
      ["build", "--tasks", "x", "--help"],
    ])
      assert.strictEqual((await ok(args)).stdout, stdout)
    assert.strictEqual((await ok(["build", "--help"], { env: { NO_COLOR: "1" } })).stdout, stdout)
    assert.strictEqual((await ok(["build", "--help"], { env: { FORCE_COLOR: "3" } })).stdout, stdout)
  })

  it("is what no arguments at all give", async () => {
    assert.strictEqual((await ok([])).stdout, (await ok(["--help"])).stdout)
  })

  it("of a command that is not there is a mistake", async () => {
    assert.deepStrictEqual(await refused(["bild", "--help"]), [
      'data-toolbox: unknown command "bild". Did you mean "build"?',
    ])
  })
})

describe("the version", () => {
  it("is that of the package, on one line", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string }
    const { stderr, stdout } = await ok(["--version"])
    assert.deepStrictEqual([stdout, stderr], [`data-toolbox ${version}\n`, ""])
    assert.strictEqual((await ok(["build", "--version"])).stdout, stdout)
  })

  it("the built file can be executed by itself", () => {
    assert.isTrue(readFileSync(bin, "utf8").startsWith("#!/usr/bin/env node\n"))
    accessSync(bin, constants.X_OK)
  })
})

describe("completions", () => {
  it("for each shell are a script that knows the options of a command", async () => {
    for (const name of ["bash", "zsh", "fish", "sh"]) {
      const { stderr, stdout } = await ok(["--completions", name])
      assert.strictEqual(stderr, "")
      assert.include(stdout, "output-file")
      assert.include(stdout, "data-toolbox")
      assert.notInclude(stdout, escape)
      assert.strictEqual((await ok([`--completions=${name}`])).stdout, stdout)
    }
  })

  it("complete commands, options of a command and file names in bash", async () => {
    const complete = async (...typed: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
      const { code, stdout } = await shell(
        `source <(data-toolbox --completions bash)
        COMP_WORDS=(${typed.map((word) => `'${word}'`).join(" ")})
        COMP_CWORD=${typed.length - 1}
        "$(complete -p data-toolbox | sed 's/.* -F \\([^ ]*\\) .*/\\1/')" data-toolbox
        printf '%s\\n' "\${COMPREPLY[@]}"`,
        { cwd: root },
      )
      assert.strictEqual(code, 0)
      return stdout.split("\n").filter((line) => line !== "")
    }
    assert.deepStrictEqual(await complete("data-toolbox", "pre"), ["preview"])
    assert.deepStrictEqual(await complete("data-toolbox", "build", "--wo"), ["--workers"])
    assert.deepStrictEqual(await complete("data-toolbox", "build", "--config", "package.j"), ["package.json"])
  })

  it("for a shell that is not known are a mistake", async () => {
    assert.deepStrictEqual(await refused(["--completions", "powershell"]), [
      "data-toolbox: --completions takes one of bash, zsh, fish, sh",
    ])
    assert.deepStrictEqual(await refused(["--completions"]), [
      "data-toolbox: --completions takes one of bash, zsh, fish, sh",
    ])
  })
})

describe("the wizard", () => {
  it("is refused at once where no one can answer", async () => {
    for (const args of [["--wizard"], ["build", "--wizard"]])
      assert.deepStrictEqual(await refused(args), ["data-toolbox: --wizard asks questions and needs a terminal"])
  })
})

describe("arguments that cannot be meant", () => {
  it("are all told at once, each on a line on stderr, nothing on stdout", async () => {
    const args = ["build", "--taks", "A", "stray", "--seed", "1.5", "--limit", "--quiet=1", "--json", "--json"]
    assert.deepStrictEqual(await refused(args), [
      'data-toolbox: unknown option --taks. Did you mean "--tasks"?',
      'data-toolbox: unexpected argument "stray"',
      'data-toolbox: --seed takes a whole number, not "1.5"',
      "data-toolbox: --limit needs a value: --limit N",
      "data-toolbox: --quiet takes no value",
      "data-toolbox: --json is given more than once",
      'data-toolbox: missing: --tasks, --config, --output-file, --format or --for. "data-toolbox build --help" tells what they mean',
    ])
  })

  it("an unknown command gets the nearest name, or all of them", async () => {
    assert.deepStrictEqual(await refused(["biuld"]), ['data-toolbox: unknown command "biuld". Did you mean "build"?'])
    const [known, none] = [await refused(["transmogrify"]), await refused(["--quiet"])]
    assert.match(
      known.join("\n"),
      /^data-toolbox: unknown command "transmogrify"\. Known: init, download, preview\b.*\.$/,
    )
    assert.match(
      none.join("\n"),
      /^data-toolbox: name a command: init, download, preview\b.*\. "data-toolbox --help" tells more$/,
    )
  })

  it("an option without a near name, and one letter, point to the help", async () => {
    for (const option of ["--frobnicate", "-x"])
      assert.deepStrictEqual(await refused(["list", option]), [
        `data-toolbox: unknown option ${option}. "data-toolbox list --help" tells what there is`,
      ])
  })

  it("options of the output are refused by preview", async () => {
    const [first] = await refused(["preview", "--tasks", "A", "--config", "c", "--output-file", "o.jsonl"])
    assert.match(first as string, /^data-toolbox: unknown option --output-file\./)
  })

  it("list takes one word that it knows", async () => {
    assert.deepStrictEqual(await refused(["list", "task"]), [
      'data-toolbox: there are no "task" to list. Did you mean "tasks"?',
    ])
    assert.deepStrictEqual(await refused(["list", "tasks", "filters"]), ['data-toolbox: unexpected argument "filters"'])
  })

  it("a log level goes before or after the command", async () => {
    assert.strictEqual((await ok(["--log-level", "none", "list", "formats"])).code, 0)
    assert.strictEqual((await ok(["list", "formats", "--log-level=none"])).code, 0)
    assert.deepStrictEqual(await refused(["list", "--log-level", "loud"]), [
      "data-toolbox: --log-level takes one of all, trace, debug, info, warning, error, fatal, none",
    ])
  })
})

describe("settings that cannot be meant", () => {
  const chats = () => chatFolder([chat("Hello?", "Hello.")])

  it("C-26, C-11: numbers, names and places are all told at once, and nothing is touched", async () => {
    const cwd = chats()
    const before = listing(cwd)
    const args = buildChats(
      ...words("--max-length 0 --limit -3 --length ft --role-tokens escap --max-bad many"),
      ...words("--tokenizer cl100k --workers 300 --ledger - --output-file no/such/out.jsonl"),
    )
    assert.deepStrictEqual(await refused(args, cwd), [
      "data-toolbox: --workers: 300 is no number of threads from 0 to 256",
      'data-toolbox: --ledger: "-" is for the output only; name a file',
      "data-toolbox: --max-length: 0 is no limit: give a number of tokens above 0, or -1 for none",
      "data-toolbox: --limit: -3 is no number of records above 0",
      'data-toolbox: --length: unknown mode "ft". Did you mean "fit"?',
      'data-toolbox: --role-tokens: unknown policy "escap". Did you mean "escape"?',
      'data-toolbox: --max-bad: "many" is neither a number of records (5) nor a share of them (1%)',
      'data-toolbox: --tokenizer: unknown tokenizer "cl100k". Did you mean "cl100k_base"?',
      'data-toolbox: --output-file: the folder "no/such" does not exist; make it first',
    ])
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("C-26: -1 is no limit, other negatives are refused", async () => {
    const cwd = chats()
    await ok(buildChats("--max-length", "-1"), { cwd })
    await ok(buildChats("--max-length=-1"), { cwd })
    assert.deepStrictEqual(await refused(buildChats("--max-length", "-2"), cwd), [
      "data-toolbox: --max-length: -2 is no limit: give a number of tokens above 0, or -1 for none",
    ])
  })

  it("C-17: a typo in --tasks, --format or --config leaves an existing output as it is", async () => {
    const cwd = chats()
    await ok(buildChats(), { cwd })
    const before = listing(cwd)
    const swap = (from: string, to: string) => buildChats().map((arg) => (arg === from ? to : arg))
    assert.deepStrictEqual(await refused(swap("ShareGptTask", "ShareGtpTask"), cwd), [
      'data-toolbox: --tasks: unknown task "ShareGtpTask". Did you mean "ShareGptTask"?',
    ])
    assert.deepStrictEqual(await refused(swap("sharegpt", "sharegtp"), cwd), [
      'data-toolbox: --format: unknown format "sharegtp". Did you mean "sharegpt"?',
    ])
    assert.deepStrictEqual(await refused(swap("config.yml", "confg.yml"), cwd), [
      'data-toolbox: --config: cannot read "confg.yml": there is no such file',
    ])
    assert.deepStrictEqual(await refused(swap("config.yml", "."), cwd), [
      'data-toolbox: --config: cannot read ".": it is a folder',
    ])
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("C-10: blanks and empty names in --tasks do not count; repeats, and no names at all, are refused", async () => {
    const cwd = chatFolder([chat("Hello?", "Hello.")], {
      "config.yml": "ShareGptTask: { files: chats.jsonl }\nOther: { task: ShareGptTask, files: chats.jsonl }\n",
    })
    const tasks = (given: string) => buildChats().map((arg) => (arg === "ShareGptTask" ? given : arg))
    await ok(tasks(" ShareGptTask , Other ,"), { cwd })
    assert.deepStrictEqual(await refused(tasks("Other, ShareGptTask,Other"), cwd), [
      'data-toolbox: --tasks: "Other" is named more than once',
    ])
    assert.deepStrictEqual(await refused(tasks(" , "), cwd), ["data-toolbox: --tasks: name at least one task"])
    assert.deepStrictEqual(await refused(tasks(""), cwd), ["data-toolbox: --tasks needs a value: --tasks A,B"])
  })

  it("C-11: every mistake in a config is told with its line, in sections that the run does not use as well", async () => {
    const cwd = chatFolder([chat("Hello?", "Hello.")], {
      "config.yml": [
        "ShareGptTask:",
        "  files: chats.jsonl",
        "  fliters: [ExactDedupFilter]",
        "AesirRoleplayTask:",
        "  filters:",
        "    - ExactDedupFiltre",
        "    - RefusalFilter: { minHits: many }",
        "AiTownRolplayTask: {}",
        "",
      ].join("\n"),
    })
    const before = listing(cwd)
    const lines = await refused(buildChats(), cwd)
    assert.deepStrictEqual(
      lines.map((line) => /^data-toolbox: config\.yml:(\d+):\d+: (\S+):/.exec(line)?.slice(1)),
      [
        ["3", "ShareGptTask.fliters"],
        ["6", "AesirRoleplayTask.filters[0]"],
        ["7", "AesirRoleplayTask.filters[1].RefusalFilter.minHits"],
        ["8", "AiTownRolplayTask"],
      ],
    )
    assert.match(lines[0] as string, /Did you mean "filters"\?$/)
    assert.match(lines[1] as string, /Did you mean "ExactDedupFilter"\?$/)
    assert.match(lines[3] as string, /Did you mean "AiTownRoleplayTask"\?/)
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("C-11: configs that are empty, absent or null do; broken YAML and other values do not", async () => {
    const cwd = folder({
      "empty.yml": "",
      "null.yml": "MessagesTask: null\n",
      "broken.yml": "ShareGptTask: [\n",
      "list.yml": "- ShareGptTask\n",
      "bomb.yml": `a: &a [x, x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
        .split("")
        .map((name, i) => `${name}: &${name} [${`*${"abcdefgh"[i]},`.repeat(10)}]`)
        .join("\n")}\n`,
      "data/airoboros/instructions.jsonl": `${JSON.stringify({ instruction: "Name a colour.", response: "Red." })}\n`,
    })
    const args = (config: string) => [
      ...words("build --tasks AiroborosInstructionFollowingTask --format sharegpt --output-file out.jsonl --workers 0"),
      "--config",
      config,
    ]
    for (const config of ["empty.yml", "null.yml"]) {
      const { code, stderr } = await cli(args(config), { cwd })
      // A section that only names a task of own files lacks its files.
      assert.strictEqual(code, config === "empty.yml" ? 0 : 2, stderr)
    }
    assert.match((await refused(args("broken.yml"), cwd))[0] as string, /^data-toolbox: broken\.yml:\d+:\d+: /)
    const [list] = await refused(args("list.yml"), cwd)
    assert.match(list as string, /the config must be a mapping of task names to their settings/)
    assert.match((await refused(args("bomb.yml"), cwd))[0] as string, /alias/)
  })

  it("a config with a byte order mark and CRLF reads as usual", async () => {
    const cwd = chatFolder([chat("Hello?", "Hello.")], {
      "config.yml": "\ufeffShareGptTask:\r\n  files: chats.jsonl\r\n  filters: [ExactDedupFilter]\r\n",
    })
    const { stdout } = await ok(buildChats("--dry-run"), { cwd })
    assert.include(stdout, "filters: ExactDedupFilter")
  })

  it("examples and workers of a preview are told with the rest", async () => {
    const cwd = chats()
    const args = ["preview", "--tasks", "ShareGtpTask", "--config", "config.yml", "--examples", "0", "--workers", "-1"]
    assert.deepStrictEqual(await refused(args, cwd), [
      "data-toolbox: --workers: -1 is no number of threads from 0 to 256",
      "data-toolbox: --examples: 0 is no number of examples above 0",
      'data-toolbox: --tasks: unknown task "ShareGtpTask". Did you mean "ShareGptTask"?',
    ])
  })

  it("raw data that is not there ends the run with 1, and says where it was looked for", async () => {
    const cwd = chatFolder([])
    const { code, stderr, stdout } = await cli(
      ["build", "--tasks", "AesirRoleplayTask,AiTownRoleplayTask", ...buildChats().slice(3)],
      { cwd },
    )
    assert.deepStrictEqual([code, stdout], [1, ""])
    const [, how, ...more] = stderr.trimEnd().split("\n")
    assert.match(how ?? "", /^data-toolbox: to fetch it, add --download, or run: data-toolbox download aitown /)
    assert.deepStrictEqual(more, [])
    assert.match(stderr, /^data-toolbox: no raw data for dataset "aesir": expected .* in .*aesir\b/)
    assert.include(stderr, '"aitown"')
    assert.include(stderr, "TOOLBOX_DATA_FOLDER")
  })
})

describe("list", () => {
  it("tells the names of all kinds, a line each", async () => {
    const { stderr, stdout } = await ok(["list"])
    assert.strictEqual(stderr, "")
    for (const kind of ["tasks", "datasets", "filters", "formats", "tokenizers"])
      assert.match(stdout, new RegExp(`^${kind}:$`, "m"))
    assert.match(stdout, /^ {2}ShareGptTask +\S/m)
    assert.match(stdout, /^ {2}estimate +\S/m)
    assert.notInclude(stdout, escape)
  })

  it("of one kind has no heading", async () => {
    const { stdout } = await ok(["list", "formats"])
    assert.match(stdout, /^alpaca +\S/)
    assert.notInclude(stdout, "formats:")
    assert.notInclude(stdout, "ShareGptTask")
  })

  it("--json gives one object with the same names", async () => {
    const { stdout } = await ok(["list", "--json"])
    const all = JSON.parse(stdout) as { readonly [kind: string]: ReadonlyArray<{ readonly name: string }> }
    assert.deepStrictEqual(Object.keys(all), ["tasks", "datasets", "filters", "formats", "tokenizers"])
    const plain = (await ok(["list", "tasks"])).stdout.trimEnd().split("\n")
    assert.deepStrictEqual(
      all["tasks"]?.map(({ name }) => name),
      plain.map((line) => line.split(" ")[0]),
    )
    const one = JSON.parse((await ok(["list", "filters", "--json"])).stdout) as { readonly [kind: string]: unknown }
    assert.deepStrictEqual(one, { filters: all["filters"] })
  })
})
