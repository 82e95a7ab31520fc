import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { cleanSets, compileClean } from "../../../src/domain/text/Clean.ts"
import { codepages } from "../../../src/domain/text/Codepages.ts"
import { repairMojibake } from "../../../src/domain/text/Encoding.ts"
import { languages, sentences } from "./languages.ts"
import { deceiving, seen } from "./mangled.ts"
import { cpuSince } from "../../support/cpu.ts"

const repair = compileClean({ encoding: true, c1: true })

/** Reads UTF-8 in another encoding. */
const read = (text: string, name: string): string => {
  const { high } = codepages().find((page) => page.name === name) as { high: string }
  return Array.from(new TextEncoder().encode(text), (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : high[byte - 128],
  ).join("")
}

/** Languages whose letters a code page turns into what no language has; others are too close to real words to be sure. */
const telling: { readonly [page: string]: ReadonlyArray<string> } = {
  "latin-1": Object.keys(languages),
  "windows-1252": Object.keys(languages),
  "windows-1254": Object.keys(languages),
  "windows-1250": [
    "German",
    "French",
    "Spanish",
    "Polish",
    "Czech",
    "Russian",
    "Greek",
    "Hebrew",
    "Chinese",
    "Japanese",
  ],
  "windows-1251": ["Russian", "Ukrainian", "Serbian", "Bulgarian", "Chinese", "Japanese", "Korean", "Hindi"],
  "windows-1253": ["Greek", "Russian", "Bulgarian", "Chinese", "Japanese", "Korean"],
  "windows-1257": ["German", "Russian", "Greek", "Chinese", "Japanese", "Korean"],
  "iso-8859-2": ["French", "German", "Polish", "Russian", "Hebrew", "Chinese"],
  macroman: ["German", "French", "Spanish", "Finnish", "Russian", "Greek", "Chinese", "Korean"],
  cp437: ["German", "French", "Spanish", "Polish", "Russian", "Greek", "Chinese", "Japanese"],
}

/** Every sentence of these languages, mangled. */
const made = Object.entries(telling).flatMap(([page, names]) =>
  names.flatMap((name) =>
    (languages[name] as ReadonlyArray<string>)
      .filter((text) => /[^\u0000-\u007f]/.test(text))
      .map((original) => ({ page, name, original, mangled: read(original, page) })),
  ),
)

/** Sentences that were not made good, as `page language: text`. */
const failures = (change: (text: string, page: string) => readonly [mangled: string, original: string]) =>
  made.flatMap(({ name, original, page }) => {
    const [mangled, expected] = change(original, page)
    const repaired = repair(mangled)
    return repaired === expected ? [] : [`${page} ${name}: ${repaired}`]
  })

describe("repairMojibake", () => {
  it.each(seen)("U-2: %s is %s", (mangled, original) => {
    assert.strictEqual(repair(mangled), original)
  })

  it.each(deceiving)("%s stays", (text) => {
    assert.strictEqual(repair(text), text)
  })

  it("UTF-8 that was read in ten encodings becomes what it was", () => {
    assert.isAbove(made.length, 250)
    assert.deepStrictEqual(
      failures((text, page) => [read(text, page), text]),
      [],
    )
  })

  it("so does what was mangled twice", () => {
    assert.deepStrictEqual(
      failures((text, page) => [read(read(text, page), "windows-1252"), text]),
      [],
    )
  })

  it("so does a part of a good text that was read as Windows-1252", () => {
    const parts = made.filter(({ page }) => page === "windows-1252")
    for (const { mangled, original } of parts)
      assert.strictEqual(repair(`Привет 日本 ${mangled}`), `Привет 日本 ${original}`)
  })

  it("law: good text in forty languages stays, alone and in any mixture", () => {
    for (const text of sentences) assert.strictEqual(repair(text), text)
    const mixture = fc
      .array(fc.tuple(fc.constantFrom(...sentences), fc.constantFrom(" ", "\n", " – ", "… ", "(", "”", "\n\n")), {
        maxLength: 6,
      })
      .map((parts) => parts.flat().join(""))
    fc.assert(
      fc.property(mixture, (text) => assert.strictEqual(repair(text), text)),
      { numRuns: 300 },
    )
  })

  it("law: the clean-up for chats changes nothing in good text but spaces", () => {
    const clean = compileClean(cleanSets.chat)
    for (const text of sentences)
      assert.strictEqual(clean(text), text.normalize("NFC").replaceAll("\u00a0", " ").replaceAll("\u3000", " "), text)
  })

  it("law: the words of good text are cut and joined at random: what is repaired once stays", () => {
    const words = sentences.flatMap((text) => text.split(" "))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words, ...seen.map(([text]) => text)), { maxLength: 8 }), (parts) => {
        const once = repair(parts.join(" "))
        assert.strictEqual(repair(once), once)
        assert.isTrue(once.isWellFormed())
      }),
      { numRuns: 300 },
    )
  })

  it("U-2: a C1 control is the character that Windows-1252 has in its place", () => {
    const windows1252 = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ"
    for (let byte = 0x80; byte < 0xa0; byte++) {
      const control = String.fromCharCode(byte)
      const open = [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)
      assert.strictEqual(repair(`a ${control}`), `a ${open ? control : windows1252[byte - 0x80]}`)
    }
  })

  it("law: no control that has a meaning is left", () => {
    const piece = fc.constantFrom("Ã", "…", "”", "â€", "ś", "\u0085", "\u0092", "A", "a", " ", "©", "Â", "’")
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = repair(pieces.join(""))
        assert.notMatch(once, /[\u0080\u0082-\u008c\u008e\u0091-\u009c\u009e\u009f]/)
        assert.isTrue(once.isWellFormed())
      }),
    )
  })

  it("U-10: a million hostile characters take no longer than their length", { timeout: 60_000 }, () => {
    for (const unit of ["Ã", "HÃ…", "â€", "â€ś", "\u0085", "Ã ", "Ð", "Â", "√", "ÃƒÂ", "ðŸ", "вЂ", "Ã\n"]) {
      const text = unit.repeat(1_000_000 / unit.length)
      const from = process.cpuUsage()
      repairMojibake(text)
      assert.isBelow(cpuSince(from), 5000, unit)
    }
  })
})
