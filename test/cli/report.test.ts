import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync, readdirSync, statSync } from "node:fs"
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

const reportOf = async (file: string): Promise<string> => {
  await ok(["report", file])
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
      "conversations written",
      "Tokens an example",
      "How replies begin",
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
    const html = await reportOf(file)
    const theirs = parsed(html)
    const known = new Set([...ours.elements.keys(), "ul", "li"])
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
    await reportOf(file)
    const { size } = statSync(`${file}.report.html`)
    assert.isTrue(size < 3_000_000 && size > 500_000, String(size))
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
      await reportOf(file)
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
        // Nothing is wider than a narrow screen.
        const overflow: unknown = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        )
        assert.strictEqual(overflow, 0)
        assert.deepStrictEqual(seen, [`request: ${pathToFileURL(`${file}.report.html`).href}`])
      } finally {
        await chromium.close()
      }
    },
  )
})
