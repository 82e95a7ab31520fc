/** Rules about the source tree itself. */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { datasets } from "../src/layers/datasets/All.ts"
import { filters } from "../src/layers/filters/All.ts"
import { formats } from "../src/layers/formats/All.ts"
import { tasks } from "../src/layers/tasks/All.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const walk = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )

const sources = walk("src").filter((file) => file.endsWith(".ts"))

const importsOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, file), "utf8").matchAll(/^(?:import|export)\b[^"]*? from "([^"]+)"/gm)].map(
    (hit) => hit[1] as string,
  )

const order = ["domain", "services", "layers", "programs"]

/** Files that put the layers together. */
const entries = new Set(["src/programs/main.ts", "src/programs/worker.ts"])

describe("the source tree", () => {
  it("imports run one way: programs, layers, services, domain; only the entries name layers", () => {
    const wrong: Array<string> = []
    for (const file of sources) {
      const folder = file.split("/")[1] as string
      if (!order.includes(folder)) continue
      for (const target of importsOf(file).filter((name) => name.startsWith("."))) {
        const other = relative(root, join(root, dirname(file), target)).split("/")[1] as string
        const down = order.indexOf(other) <= order.indexOf(folder)
        const named = folder === "programs" && other === "layers" && !entries.has(file)
        if (!down || named) wrong.push(`${file} -> ${target}`)
      }
    }
    assert.deepStrictEqual(wrong, [])
  })

  it("effect and the platform are imported by subpath", () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => ["effect", "@effect/platform", "@effect/platform-node", "@effect/cli"].includes(name))
        .map((name) => `${file} -> ${name}`),
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("nothing draws time or chance from outside", () => {
    const wrong = sources.filter((file) =>
      /Math\.random|Date\.now|new Date\(\)/.test(readFileSync(join(root, file), "utf8")),
    )
    assert.deepStrictEqual(wrong, [])
  })

  for (const [kind, all] of [
    ["datasets", datasets],
    ["tasks", tasks],
    ["filters", filters],
    ["formats", formats],
  ] as const) {
    it(`every file of ${kind} is listed, sorted by name, described and tested`, () => {
      const names = all.map(({ name }) => name)
      assert.deepStrictEqual(
        names,
        [...names].sort((a, b) => (a < b ? -1 : 1)),
      )
      assert.isTrue(all.every(({ description }) => description !== ""))
      const list = readFileSync(join(root, `src/layers/${kind}/All.ts`), "utf8")
      const components = sources
        .filter((file) => file.startsWith(`src/layers/${kind}/`))
        .map((file) => file.slice(`src/layers/${kind}/`.length))
        .filter((file) =>
          new RegExp(`^export const ${file.slice(0, -3)}\\b`, "m").test(
            readFileSync(join(root, `src/layers/${kind}/${file}`), "utf8"),
          ),
        )
      assert.strictEqual(components.length, all.length)
      const tests = new Set(walk(`test/layers/${kind}`))
      for (const file of components) {
        assert.include(list, `"./${file}"`)
        assert.isTrue(tests.has(`test/layers/${kind}/${file.replace(/\.ts$/, ".test.ts")}`), `${file} has no test`)
      }
    })
  }
})
