import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { readAsset, readList } from "../../../src/domain/Assets.ts"
import { type AnonymizeKind, anonymizeKinds, compileAnonymizer } from "../../../src/domain/text/Anonymize.ts"

const all = compileAnonymizer(anonymizeKinds)

/** A number with its check digit, so that no real one stands here. */
const card = (digits: string): string => {
  for (let last = 0; last < 10; last++) {
    const number = `${digits}${last}`
    let sum = 0
    for (let i = 0; i < number.length; i++) {
      const digit = Number(number[number.length - 1 - i]) * (i % 2 === 0 ? 1 : 2)
      sum += digit > 9 ? digit - 9 : digit
    }
    if (sum % 10 === 0) return number
  }
  return ""
}

const fill = (length: number, from: string): string => from.repeat(length).slice(0, length)

const replaced = (cases: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of cases) assert.strictEqual(all([]).text(input), expected, input)
}
const stays = (...texts: ReadonlyArray<string>): void => replaced(texts.map((text) => [text, text]))

describe("anonymising", () => {
  it("e-mail addresses: any domain but those for examples, and no names of files", () => {
    replaced([
      ["write to anna.k+x@mail.posteo.de, please", "write to [EMAIL_1], please"],
      ["<a_b@c-d.org>. mailto:x@y.info", "<[EMAIL_1]>. mailto:[EMAIL_2]"],
      ["jürgen@bücher.de, 邮箱a@b.de", "[EMAIL_1], 邮箱[EMAIL_2]"],
      ["a@b.io or A@B.IO", "[EMAIL_1] or [EMAIL_1]"],
    ])
    stays("name@example.com", "x@sub.example.org", "root@localhost", "icon@2x.png", "a@b", "@ home", "a @ b.de")
  })

  it("telephone numbers: international, American, European, or called one", () => {
    replaced([
      ["ring +49 30 901820 or (212) 736-5000.", "ring [PHONE_1] or [PHONE_2]."],
      ["it's 415-736-5000 ok", "it's [PHONE_1] ok"],
      ["1-800-736-5000", "[PHONE_1]"],
      ["020 7946 1958", "[PHONE_1]"],
      ["06 12 34 56 78", "[PHONE_1]"],
      ["0171/1234567", "[PHONE_1]"],
      ["call me: 7365000", "call me: [PHONE_1]"],
      ["in 2024 415-736-5000 2024, 81.2.69.142 415-736-5001", "in 2024 [PHONE_1] 2024, [ADDRESS_1] [PHONE_2]"],
      ["my phone number is 330 223 3233", "my phone number is [PHONE_1]"],
      ["+49 30 901820 is (+49) 30 901820".slice(0, 13), "[PHONE_1]"],
    ])
    stays(
      "it was 1914-1918, then 1939-1945",
      "on 01.02.2003 10:30",
      "2024-01-15 12:00:00",
      "scored 100 000 000 points",
      "12345678901",
      "pi is 3.14159265358979",
      "ISBN 978-3-16-148410-0",
      "$1 000 000 000",
      "10 20 30 40 50 60",
      "05 10 15 20 25",
      "555-0123",
      "212-555-0147",
      "(1) 2 3 4 5 6 7 8",
      "v 1.2.3.4",
      "0 1 2 3 4 5 6 7 8 9",
    )
  })

  it("addresses of machines: public ones, and of hardware", () => {
    replaced([
      ["ping 81.2.69.142!", "ping [ADDRESS_1]!"],
      ["[2a00:1450:4001:82a::200e]:443", "[[ADDRESS_1]]:443"],
      ["2A00:1450:4001:82A:0:0:0:200E", "[ADDRESS_1]"],
      ["00:1A:2b:3C:4d:5E and 00-1A-2b-3C-4d-5F", "[ADDRESS_1] and [ADDRESS_2]"],
    ])
    stays(
      "127.0.0.1",
      "192.168.0.1",
      "10.1.2.3",
      "172.16.9.9",
      "255.255.255.0",
      "203.0.113.9",
      "8.8.8.8",
      "1.2.3.4",
      "version 10.11.12.13",
      "1.2.3",
      "300.1.2.3",
      "81.2.69.142.7",
      "12:30:45",
      "std::vector<a::b>",
      "::1",
      "fe80::1:2:3:4",
      "2001:db8::1:2:3",
      "a:b:c:d",
      "ab::cd",
    )
  })

  it("keys and tokens of the usual issuers, private keys, passwords in addresses", () => {
    const letters = "aB3dE6gH9jK2mN5p"
    replaced([
      [`key: sk-${fill(48, letters)}`, "key: [KEY_1]"],
      [`sk-proj-${fill(40, letters)}.`, "[KEY_1]."],
      [`sk-ant-api03-${fill(90, letters)}`, "[KEY_1]"],
      [`AKIA${fill(16, "ABCDEFGH234567")} x`, "[KEY_1] x"],
      [`ghp_${fill(36, letters)}`, "[KEY_1]"],
      [`github_pat_${fill(60, letters)}`, "[KEY_1]"],
      [`xoxb-${fill(40, "123456789-aB")}`, "[KEY_1]"],
      [`"hf_${fill(34, letters)}"`, '"[KEY_1]"'],
      [`AIza${fill(35, letters)}`, "[KEY_1]"],
      [`eyJ${fill(20, letters)}.eyJ${fill(40, letters)}.${fill(43, letters)}`, "[KEY_1]"],
      [`postgres://joe:${fill(9, letters)}@db.internal/x`, "postgres://joe:[KEY_1]@db.internal/x"],
      [`Authorization: Bearer ${fill(40, letters)}`, "Authorization: Bearer [KEY_1]"],
      [
        `a\n-----BEGIN RSA PRIVATE KEY-----\n${fill(64, letters)}\n${fill(12, letters)}==\n-----END RSA PRIVATE KEY-----\nb`,
        "a\n[KEY_1]\nb",
      ],
      [`-----BEGIN PRIVATE KEY-----\n${fill(64, letters)}\nAnd then?`, "[KEY_1]\nAnd then?"],
    ])
    stays(
      "sk-your-own-api-key-goes-here-please",
      "AKIA",
      "task-oriented-dialogue-systems-2023-edition",
      "hf_hub",
      "eyJ",
    )
  })

  it("cards that some issuer could have issued, and IBANs, by their check digits", () => {
    const visa = card("453201511283036")
    const amex = card("37144963539843")
    const other = `${visa.slice(0, 15)}${(Number(visa[15]) + 1) % 10}`
    replaced([
      [`pay ${visa}`, "pay [CARD_1]"],
      [`${visa.slice(0, 4)} ${visa.slice(4, 8)} ${visa.slice(8, 12)} ${visa.slice(12)}`, "[CARD_1]"],
      [`${amex.slice(0, 4)}-${amex.slice(4, 10)}-${amex.slice(10)}`, "[CARD_1]"],
      ["IBAN DE89 3704 0044 0532 0130 00.", "IBAN [IBAN_1]."],
      ["GB82WEST12345698765432", "[IBAN_1]"],
    ])
    stays(other, "DE88 3704 0044 0532 0130 00", "1111111111111111", "0.4532015112830366", card("999201511283036"))
  })

  it("mentions: of anybody, but no calls to all, times, faces or code", () => {
    replaced([
      ["hi @bob_k, meet @Zoë.", "hi {{char_0}}, meet {{char_1}}."],
      ["ask @bob.Then go, @b.k-1.", "ask {{char_0}}.Then go, {{char_1}}."],
      ["(@bob) @BOB's", "({{char_0}}) {{char_0}}'s"],
    ])
    stays(
      "@everyone look",
      "see you @5pm",
      "@_@",
      "@w@ hm",
      "a@b",
      "user@host:~$",
      "`@bob`",
      "@Override\npublic void x()",
      "  @memoize\n  def f():",
      "my @rows = f();",
      "@app.route('/')",
      "@media (x)",
      "lol @ him",
    )
  })

  it("people: whole names in any case, numbered as they first wrote", () => {
    const { replaced: counts, speaker, text } = all(["dark_lord", "Élan Vital"])
    assert.strictEqual(text("DARK_LORD's élan vital, @dark_lord!"), "{{char_0}}'s {{char_1}}, {{char_0}}!")
    assert.strictEqual(text("darker_lord dark_lords"), "darker_lord dark_lords")
    assert.strictEqual(speaker("Dark_Lord"), "{{char_0}}")
    assert.deepStrictEqual(counts, { names: 2, mentions: 1 })
  })

  it("somebody who is mentioned is the same without the sign, where the nickname is no word", () => {
    const texts = ["Ask @marc_77 or @MegaFox, not @ann.", "marc_77 and megafox know; ann too."]
    const { text } = all(["bob_k"], texts)
    assert.deepStrictEqual(texts.map(text), [
      "Ask {{char_1}} or {{char_2}}, not {{char_3}}.",
      "{{char_1}} and {{char_2}} know; ann too.",
    ])
  })

  it("a name that is an ordinary word counts only as its owner writes it, inside a sentence", () => {
    const { speaker, text } = all(["Hope", "may", "Third"])
    assert.strictEqual(text("I hope you may come third, dear Hope."), "I hope you may come third, dear {{char_0}}.")
    assert.strictEqual(text("Hope dies. Third time. *Third time*"), "Hope dies. Third time. *Third time*")
    assert.strictEqual(text("@may knows"), "{{char_1}} knows")
    assert.strictEqual(speaker("may"), "{{char_1}}")
  })

  it("a role is nobody", () => {
    const { speaker, text } = all(["You", "User", "Assistant", "x", "7", "{{user}}"])
    assert.strictEqual(text("You, the user, and x 7 {{user}}"), "You, the user, and x 7 {{user}}")
    assert.strictEqual(speaker("User"), "User")
  })

  it("an identifier holds hashes in place of what was found, and stays apart from others", () => {
    const { identifier } = all(["bob_k"])
    const hashes = ["chat-bob_k-1", "chat-bob_k-2", "a@b.de", "c@b.de"].map(identifier)
    assert.match(hashes[0] as string, /^chat-names-[0-9a-f]{12}-1$/)
    assert.match(hashes[2] as string, /^emails-[0-9a-f]{12}$/)
    assert.strictEqual(new Set(hashes).size, 4)
    assert.strictEqual(identifier("chat-12"), "chat-12")
  })

  it("only the chosen kinds are replaced", () => {
    const text = "bob: a@posteo.de, 415-736-5000, @bob"
    const only = (...kinds: ReadonlyArray<AnonymizeKind>): string => compileAnonymizer(kinds)(["bob"]).text(text)
    assert.strictEqual(only("emails"), "bob: [EMAIL_1], 415-736-5000, @bob")
    assert.strictEqual(only("phones"), "bob: a@posteo.de, [PHONE_1], @bob")
    assert.strictEqual(only("names"), "{{char_0}}: a@posteo.de, 415-736-5000, @{{char_0}}")
    assert.strictEqual(only(), text)
  })

  it("law: what is anonymised has nothing left to anonymise", () => {
    const piece = fc.constantFrom(
      "a@b.de",
      "415-736-5000",
      "+49 30 901820",
      "81.2.69.142",
      "@bob",
      "bob",
      "GB82WEST12345698765432",
      " ",
      "\n",
      ",",
      "(x",
      "1",
      "@",
      "-",
      `sk-${fill(30, "aB3dE6")}`,
      "://a:b@c",
      "-----BEGIN PRIVATE KEY-----",
      "`",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { text } = all(["bob"])
        const once = text(pieces.join(" "))
        assert.strictEqual(text(once), once)
      }),
      { numRuns: 500 },
    )
  })

  it("the lists hold single lower-case words, each once, in order", () => {
    for (const name of ["anonymize/mention_keep.txt", "anonymize/ordinary_words.txt"]) {
      const words = readList(name)
      assert.match(readAsset(name), /^# [A-Z]/)
      assert.isAbove(words.length, 50)
      assert.deepStrictEqual(
        words.filter((word) => !/^[a-z][a-z0-9_-]*$/.test(word)),
        [],
      )
      assert.deepStrictEqual(words, [...new Set(words)].sort())
    }
  })
})
