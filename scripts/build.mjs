// Builds the library (plain tsc: ES modules with declarations and source maps) and the bundled command.
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const dist = join(root, "dist")
rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
})

// The command is a few files, so that it starts quickly: what few runs need (charts, the network) is in files of its own,
// and blanks need not be read. Packages that read data files of their own stay outside.
await build({
  absWorkingDir: root,
  entryPoints: { "data-toolbox": "src/programs/main.ts", worker: "src/programs/worker.ts" },
  outdir: "dist/bin",
  bundle: true,
  splitting: true,
  minifyWhitespace: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["tiktoken", "eld", "eld/*", "fasttext.wasm.js", "fasttext.wasm.js/*", "@parcel/watcher"],
  // Some bundled packages are CommonJS and ask for Node's own modules.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  },
  legalComments: "none",
  logLevel: "warning",
})
chmodSync(join(dist, "bin", "data-toolbox.js"), 0o755)

// The JSON Schema of the config, from the definitions themselves.
const load = (file) => import(pathToFileURL(join(dist, file)).href)
const [{ configSchema }, { rowSchema }, { tasks }, { filters }] = await Promise.all([
  load("programs/ConfigSchema.js"),
  load("programs/RowSchema.js"),
  load("layers/tasks/All.js"),
  load("layers/filters/All.js"),
])
writeFileSync(join(dist, "config.schema.json"), `${JSON.stringify(configSchema(tasks, filters), null, 2)}\n`)

// And that of the rows of each format.
writeFileSync(join(dist, "rows.schema.json"), `${JSON.stringify(rowSchema(), null, 2)}\n`)

// What made an output: a digest of the built code and of the data files that it reads.
const files = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((file) => !file.endsWith(".map") && !file.endsWith(".d.ts"))
    .sort((a, b) => (a < b ? -1 : 1))
const hash = createHash("sha256")
for (const file of [...files(dist), ...files(join(root, "assets"))])
  hash.update(`${relative(root, file).replaceAll("\\", "/")}\0`).update(readFileSync(file))
writeFileSync(join(dist, "build-id.txt"), `${hash.digest("hex").slice(0, 16)}\n`)
