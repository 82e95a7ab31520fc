import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { EncodingFilter } from "../../../src/layers/filters/EncodingFilter.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => EncodingFilter.judge!(decodeOptions(EncodingFilter.options, options))

const chat = (reply: string, question = "And then?"): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

describe("EncodingFilter", () => {
  it("drops text with bytes that could not be decoded, and tells share, kind, turn and text", () => {
    assert.deepStrictEqual(open()(chat("She said it\ufffds over, and it\ufffds true.")), {
      reason: "damaged",
      detail: {
        score: 0.04651,
        threshold: 0.001,
        hits: 2,
        kind: "replacement",
        turn: 3,
        text: "She said it\ufffds over, and it\ufffds true.",
      },
    })
  })

  it.each([
    ["mojibake", "the cafâ€ was open"],
    ["mojibake", "It costs five Â€."],
    ["mojibake", "a broken mark ï¿½ here"],
    ["mojibake", "the cliché became clichÃ"],
    ["mojibake", "a smile ðŸ"],
    ["control", "a bell\u0007 rings"],
    ["control", "a quote\u0093 of old"],
    ["private", "see page \ue012"],
    ["private", "no character\uffff"],
    ["zalgo", "h\u0300\u0301\u0302\u0303e comes"],
  ])("finds %s in %j", (kind, text) => {
    assert.deepInclude(open()(chat(text))?.detail as object, { kind, hits: 1 })
    assert.isUndefined(
      open({ kinds: ["replacement", "mojibake", "control", "private", "zalgo"].filter((one) => one !== kind) })(
        chat(text),
      ),
    )
  })

  it.each([
    "plain text\twith a tab\r\nand lines",
    "naïve café, “quoted” – it’s €5 and £3 ½ ©",
    "AMANHÃ… A MAÇÃ CAIU NO CHÃO. Ângela, Âmbar, Êxito.",
    "ð and þ are letters: það er ekki svo",
    "Là où tu vas, châteaux et forêts",
    "Việt Nam đẹp lắm, cảm ơn anh",
    "👩‍👩‍👧 family, flags 🇫🇷 and hearts ❤️",
    "e\u0301\u0323 two marks, ก็ด้วย, שָׁלוֹם, हिन्दी",
    "Привет, 你好, مرحبا, 안녕",
  ])("leaves %j alone", (text) => {
    assert.isUndefined(open({ threshold: 0 })(chat(text)))
  })

  it("a share that is small in a long text is let pass; threshold, hits and roles are options", () => {
    const long = `${"word ".repeat(400)}\ufffd`
    assert.isUndefined(open()(chat(long)))
    assert.isDefined(open({ threshold: 0.0001 })(chat(long)))
    assert.isUndefined(open({ minHits: 2 })(chat("a\ufffd")))
    assert.isUndefined(open({ roles: ["model"] })(chat("fine", "a\ufffd")))
    assert.isDefined(open({ roles: ["user"] })(chat("fine", "a\ufffd")))
  })
})
