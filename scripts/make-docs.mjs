// Writes the pages of tasks, filters, datasets and formats from their definitions, with examples that the real components
// make of the samples and of `scripts/docs/*.yml`. `--check` writes nothing and fails where a page is not up to date.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
if (!existsSync(join(root, "dist", "index.js"))) {
  console.error('The package is not built yet: run "npm run build" first.')
  process.exit(1)
}
const { pages } = await import("./docs/pages.mjs")

const check = process.argv.includes("--check")
const folders = ["tasks", "filters", "datasets", "formats"].map((name) => join(root, "docs", name))
const there = folders.flatMap((folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => relative(root, join(folder, name))) : [],
)
const made = await pages()
const wrong = []
for (const [file, text] of made) {
  const path = join(root, file)
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue
  wrong.push(file)
  if (check) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
for (const file of there.filter((one) => !made.has(one))) {
  wrong.push(file)
  if (!check) rmSync(join(root, file))
}
console.log(`${made.size} pages, ${wrong.length} ${check ? "not up to date" : "written or removed"}`)
if (check && wrong.length > 0) {
  console.error(`not what the definitions make; run "npm run build && npm run docs":\n${wrong.join("\n")}`)
  process.exitCode = 1
}
