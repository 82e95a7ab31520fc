import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { Parser } from "htmlparser2"
import { browser } from "../support/browser.ts"
import { cli, folder, ok, root, timeout, words } from "../support/cli.ts"

const samples = join(root, "samples")

/** Markup and controls that would do harm if they reached the page as such. */
const hostile = JSON.parse(
  readFileSync(join(root, "test", "fixtures", "injections.json"), "utf8"),
) as ReadonlyArray<string>

const built = async (): Promise<string> => {
  const file = join(folder(), "train.jsonl")
  const tasks = "AesirRoleplayTask,AiroborosInstructionFollowingTask,TeatimeRoleplayTask"
  await ok([
    ...words(`build --tasks ${tasks} --format sharegpt --quiet`),
    "--config",
    join(samples, "config.yml"),
    "--data-folder",
    samples,
    "--output-file",
    file,
  ])
  return file
}

const builtHostile = async (): Promise<string> => {
  const lines = hostile.flatMap((text) => [
    {
      conversations: [
        { from: "human", value: text },
        { from: "gpt", value: `${text} is what you wrote.` },
      ],
    },
    {
      conversations: [
        { from: "human", value: text },
        { from: text, value: text },
      ],
    },
  ])
  const data = folder({
    "chats/a<b>&\"'.jsonl": lines.map((line) => JSON.stringify(line)).join("\n"),
    "config.yml": "ShareGptTask: { files: ['chats/*'], filters: [ExactDedupFilter], clean: off }\n",
  })
  const file = join(data, "train.jsonl")
  await ok([
    ...words("build --tasks ShareGptTask --format sharegpt --quiet"),
    "--config",
    join(data, "config.yml"),
    "--data-folder",
    data,
    "--output-file",
    file,
  ])
  return file
}

const reportOf = async (file: string, dataFolder = samples): Promise<string> => {
  await ok(["report", file, "--data-folder", dataFolder])
  return readFileSync(`${file}.report.html`, "utf8")
}

/** Names of the elements, and of the attributes, of a page. */
const parsed = (html: string) => {
  const elements = new Map<string, number>()
  const attributes = new Set<string>()
  const parser = new Parser({
    onopentag: (name, own) => {
      elements.set(name, (elements.get(name) ?? 0) + 1)
      for (const key of Object.keys(own)) attributes.add(key)
    },
  })
  parser.end(html)
  return { elements, attributes }
}

describe("report", { timeout }, () => {
  it("writes one page beside the output, and nothing else", async () => {
    const file = await built()
    const { stdout } = await ok(["report", file])
    assert.strictEqual(stdout, `wrote ${file}.report.html: open it in a browser\n`)
    assert.deepStrictEqual(
      readdirSync(dirname(file)).sort(),
      ["", ".ledger.jsonl.gz", ".manifest.json", ".report.html"].map((ending) => basename(file) + ending),
    )
  })

  it("shows the funnel, the sizes, the reasons and samples, and is the same each time", async () => {
    const file = await built()
    const html = await reportOf(file)
    for (const text of [
      "AesirRoleplayTask",
      "What is left of TeatimeRoleplayTask after each stage",
      "Tokens of an example",
      "Share of each task in the rows written",
      "How replies begin",
      "English (en)",
      "modelNotAllowed",
    ])
      assert.include(html, text)
    assert.strictEqual(await reportOf(file), html)
  })

  it("admits its own style and script by digest, and nothing else", async () => {
    const html = await reportOf(await built())
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? ""
    const digest = (tag: string): string =>
      createHash("sha256")
        .update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? "")
        .digest("base64")
    assert.strictEqual(
      policy,
      `default-src 'none'; style-src 'sha256-${digest("style")}'; script-src 'sha256-${digest("script")}'; base-uri 'none'; form-action 'none'`,
    )
    assert.strictEqual(html.match(/<style/g)?.length, 1)
    assert.strictEqual(html.match(/<script/g)?.length, 1)
  })

  it("shows hostile text as text: no element and no attribute comes from the data", async () => {
    const ours = parsed(await reportOf(await built()))
    const file = await builtHostile()
    const html = await reportOf(file, dirname(file))
    const theirs = parsed(html)
    const known = new Set([...ours.elements.keys(), "ins", "del", "mark"])
    assert.deepStrictEqual(
      [...theirs.elements.keys()].filter((name) => !known.has(name)),
      [],
    )
    assert.deepStrictEqual(
      [...theirs.attributes].filter((name) => !ours.attributes.has(name)),
      [],
    )
    assert.strictEqual(theirs.elements.get("script"), 1)
    // oxlint-disable-next-line no-control-regex -- exactly these must not be there
    assert.isNull(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.exec(html))
  })

  it("stays under 3 MB whatever the size of the data", async () => {
    const text = "word ".repeat(4000)
    const line = (i: number) =>
      JSON.stringify({
        conversations: Array.from({ length: 40 }, (_, t) => ({
          from: t % 2 === 0 ? "human" : "gpt",
          value: `${i} ${t} ${text}`,
        })),
      })
    const names = Array.from({ length: 12 }, (_, i) => `T${i}`)
    const data = folder({
      "chats.jsonl": Array.from({ length: 24 }, (_, i) => line(i)).join("\n"),
      "config.yml": names
        .map((name) => `${name}: { task: ShareGptTask, files: [chats.jsonl], prompt: none }\n`)
        .join(""),
    })
    const file = join(data, "train.jsonl.gz")
    await ok([
      ...words(`build --tasks ${names.join(",")} --format openchat --quiet`),
      "--config",
      join(data, "config.yml"),
      "--data-folder",
      data,
      "--output-file",
      file,
    ])
    await reportOf(file, data)
    const { size } = statSync(`${file}.report.html`)
    assert.isTrue(size < 3_000_000 && size > 500_000, String(size))
  })

  /** Conversations of which filters drop some, for all that a report shows of drops. */
  const builtOwn = async (format: string, filters: string, more = ""): Promise<string> => {
    const story = Array.from({ length: 80 }, (_, i) => `word${i}`)
    const talk = (user: string, model: string): string =>
      JSON.stringify({
        conversations: [
          { from: "human", value: user },
          { from: "gpt", value: model },
        ],
      })
    const lines = [
      talk("Tell me a story, please.", story.join(" ")),
      talk("Tell me a story, please.", story.with(40, "changed").join(" ")),
      talk("Write a poem for me.", "As an AI language model, I cannot write poems."),
      talk("Wie geht es dir heute?", "Mir geht es heute sehr gut, danke. Und wie geht es dir, mein lieber Freund?"),
      talk(
        "And what do you think of the weather here?",
        "It is lovely, and the garden has never looked better than this.",
      ),
      talk("Only a question without an answer", ""),
    ]
    const data = folder({
      "chats.jsonl": `${lines.join("\n")}\n{"no":"conversation"}\n`,
      "config.yml": `ShareGptTask: { files: [chats.jsonl], prompt: none, filters: ${filters}${more} }\n`,
    })
    const file = join(data, "train.jsonl")
    await ok([
      ...words(`build --tasks ShareGptTask --format ${format} --quiet`),
      "--config",
      join(data, "config.yml"),
      "--data-folder",
      data,
      "--output-file",
      file,
    ])
    return file
  }
  const every = "[NearDedupFilter, EnglishFilter, RefusalFilter]"

  /** The text of a page, without its tags. */
  const textOf = (html: string): string => {
    let text = ""
    const parser = new Parser({ ontext: (part) => (text += part) }, { decodeEntities: true })
    parser.end(html)
    return text
  }

  /** One section of a page. */
  const sectionOf = (html: string, id: string): string => {
    const from = html.indexOf(`<section aria-labelledby="${id}">`)
    assert.isAtLeast(from, 0, id)
    const to = html.indexOf("<section aria-labelledby=", from + 1)
    return html.slice(from, to < 0 ? undefined : to)
  }

  it("shows duplicates beside what was kept, with what is different, whether rows carry identifiers or not", async () => {
    for (const format of ["sharegpt", "openai"]) {
      const file = await builtOwn(format, every)
      const groups = sectionOf(await reportOf(file, dirname(file)), "groups")
      assert.match(
        groups,
        /<b class="count">1<\/b> left out for sharegpt-0 <span class="soft">NearDedupFilter, ShareGptTask/,
      )
      assert.include(groups, "word39 word40 word41")
      assert.include(groups, "word39 <del>word40</del><ins>changed</ins> word41", format)
    }
  })

  it("shows the texts of what was left out, evidence marked; without the raw data it says why not", async () => {
    const file = await builtOwn("sharegpt", every)
    const data = sectionOf(await reportOf(file, dirname(file)), "data")
    assert.include(data, "Write a poem for me.")
    assert.match(data, /<mark>As an AI language model[^<]*<\/mark>/)
    assert.include(data, "Only a question without an answer")
    assert.notInclude(data, "are not shown")
    const without = textOf(sectionOf(await reportOf(file, folder()), "data"))
    assert.notInclude(without, "Write a poem for me.")
    assert.match(without, /Some texts of what was left out are not shown\. ShareGptTask: .*chats\.jsonl/)
    writeFileSync(join(dirname(file), "chats.jsonl"), "{}\n")
    const changed = textOf(sectionOf(await reportOf(file, dirname(file)), "data"))
    assert.include(changed, "ShareGptTask: chats.jsonl changed since the build")
  })

  it("tells the languages of the rows, and of what was dropped for its language", async () => {
    const file = await builtOwn("sharegpt", every)
    const languages = textOf(sectionOf(await reportOf(file, dirname(file)), "languages"))
    assert.match(languages, /In all 2 rows[^]*English \(en\)[^]*Dropped by EnglishFilter[^]*German \(de\)/)
  })

  it("shows where thresholds stand: what was kept is scored again, what was dropped is read from the ledger", async () => {
    const file = await builtOwn("sharegpt", "[{ NearDedupFilter: { threshold: 0.95 } }, EnglishFilter, RefusalFilter]")
    const thresholds = textOf(sectionOf(await reportOf(file, dirname(file)), "thresholds"))
    assert.match(thresholds, /NearDedupFilter threshold: 0\.95 · ShareGptTask.*All 3 written rows were scored again\./s)
    assert.match(thresholds, /Nearest to the threshold: 2 kept, 0 dropped.*0\.\d+ kept.*most like/s)
    assert.match(thresholds, /EnglishFilter threshold: 0\.6.*Nearest to the threshold: 0 kept, 1 dropped.*1 dropped/s)
    assert.include(thresholds, "At 0.85 about 2 more would go.")
    assert.match(thresholds, /RefusalFilter threshold: 1.*Nearest to the threshold: 0 kept, 1 dropped/s)
  })

  it("counts tokens as the build did, and says what it cannot score in rows that are rendered", async () => {
    const file = await builtOwn("template --chat-template chatml --tokenizer cl100k_base", every)
    const html = await reportOf(file, dirname(file))
    assert.include(html, "Tokens of the texts are counted here by cl100k_base.")
    const { tasks } = JSON.parse(readFileSync(`${file}.manifest.json`, "utf8")) as {
      readonly tasks: { readonly ShareGptTask: { readonly tokens: number } }
    }
    assert.include(html, `<b>${tasks.ShareGptTask.tokens}</b>tokens<`)
    assert.include(html, "No written row was scored again: only what was dropped is shown.")
  })

  it("shows no record as it is where names are to be hidden", async () => {
    const plain = await builtOwn("sharegpt", "[]")
    assert.include(textOf(await reportOf(plain, dirname(plain))), "Only a question without an answer")
    const hidden = await builtOwn("sharegpt", "[]", ", anonymize: true")
    assert.notInclude(textOf(await reportOf(hidden, dirname(hidden))), "Only a question without an answer")
  })

  it("stays readable and small with hundreds of tasks", async () => {
    const names = Array.from({ length: 220 }, (_, i) => `Task${i}`)
    const line = `${JSON.stringify({
      conversations: [
        { from: "human", value: "Hello there, friend." },
        { from: "gpt", value: "Hello to you, too." },
      ],
    })}\n`
    const data = folder({
      "chats.jsonl": line,
      "config.yml": names
        .map(
          (name) => `${name}: { task: ShareGptTask, files: [chats.jsonl], prompt: none, filters: [RefusalFilter] }\n`,
        )
        .join(""),
    })
    const file = join(data, "train.jsonl")
    await ok([
      ...words(`build --tasks ${names.join(",")} --format sharegpt --quiet`),
      "--config",
      join(data, "config.yml"),
      "--data-folder",
      data,
      "--output-file",
      file,
    ])
    const html = await reportOf(file, data)
    assert.include(html, "and 196 tasks more")
    assert.isBelow(html.length, 3_000_000)
  })

  it("says what is missing", async () => {
    const gone = await cli(["report", join(folder(), "train.jsonl")])
    assert.strictEqual(gone.code, 1)
    assert.match(gone.stderr, /there is no manifest ".*train\.jsonl\.manifest\.json"\. A report needs/)
    const other = folder({ "train.jsonl": "", "train.jsonl.manifest.json": "[]" })
    const wrong = await cli(["report", join(other, "train.jsonl")])
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.stderr, /it is no manifest of data-toolbox/)
  })

  it.skipIf(browser === undefined)(
    "opens from disk in a browser: no request, no error, search and filters work",
    async () => {
      const file = await builtHostile()
      await reportOf(file, dirname(file))
      const chromium = await (browser as NonNullable<typeof browser>)()
      try {
        const page = await chromium.newPage({ viewport: { width: 390, height: 800 } })
        const seen: Array<string> = []
        page.on("console", (message) => seen.push(`console: ${message.text()}`))
        page.on("pageerror", (error) => seen.push(`error: ${error.message}`))
        page.on("dialog", (dialog) => void dialog.dismiss().then(() => seen.push("dialog")))
        page.on("request", (request) => seen.push(`request: ${request.url()}`))
        await page.goto(pathToFileURL(`${file}.report.html`).href)
        const shown = () => page.locator("article:visible").count()
        const all = await shown()
        await page.keyboard.press("/")
        await page.keyboard.type("onerror")
        const some = await shown()
        assert.isTrue(some > 0 && some < all, `${some} of ${all}`)
        assert.match(await page.locator("#found").innerText(), new RegExp(`^${some} of `))
        await page.keyboard.press("Escape")
        assert.strictEqual(await shown(), all)
        await page.selectOption("#reason", { index: 1 })
        assert.isTrue((await shown()) > 0)
        await page.selectOption("#reason", { index: 0 })
        await page.selectOption("#side", "left")
        assert.strictEqual(await page.locator('article[data-side="written"]:visible').count(), 0)
        assert.isTrue((await shown()) > 0)
        // Nothing is wider than the screen, and a chart is not blank.
        for (const [width, colorScheme] of [
          [390, "light"],
          [1200, "dark"],
        ] as const) {
          await page.setViewportSize({ width, height: 800 })
          await page.emulateMedia({ colorScheme })
          const overflow: unknown = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          )
          assert.strictEqual(overflow, 0, String(width))
          const [ground, bar] = (await page.evaluate(
            `["body", "svg rect"].map((one) => { const { backgroundColor, fill } = getComputedStyle(document.querySelector(one)); return one === "body" ? backgroundColor : fill })`,
          )) as readonly [string, string]
          assert.match(bar, /^rgb\(/)
          assert.notStrictEqual(bar, ground)
        }
        assert.deepStrictEqual(seen, [`request: ${pathToFileURL(`${file}.report.html`).href}`])
      } finally {
        await chromium.close()
      }
    },
  )
})
