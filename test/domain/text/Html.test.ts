import { assert, describe, it } from "@effect/vitest"
import { type HtmlOptions, htmlToMarkdown } from "../../../src/domain/text/Html.ts"
import { compileNameReplacer } from "../../../src/domain/text/Names.ts"
import { cpuSince } from "../../support/cpu.ts"

const check = (vectors: ReadonlyArray<readonly [html: string, expected: string]>, options?: HtmlOptions): void => {
  for (const [html, expected] of vectors) assert.strictEqual(htmlToMarkdown(html, options), expected, html)
}

describe("htmlToMarkdown", () => {
  it("T-18: emphasis keeps its blanks outside and its neighbours apart", () => {
    check([
      ["<b>bold</b>text", "**bold**text"],
      ["a<b> bold </b>text", "a **bold** text"],
      ["<b>a</b> <i>b</i>", "**a** *b*"],
      ["<b><i>x</i></b>", "***x***"],
      ["<p> a <b> b </b> c </p>", "a **b** c"],
      ["<b></b>x", "x"],
      ["a<b> </b>b", "a b"],
      ["<s>x</s> <u>y</u>", "~~x~~ y"],
      ["<b>a<br>b</b>", "**a**\n**b**"],
      ["<b>a", "**a**"],
    ])
  })

  it("T-18: what two elements mark without anything between them is marked once", () => {
    check([
      ["<i>one</i><i>two</i>", "*onetwo*"],
      ["<i>one</i><em>two</em><i>three</i> x", "*onetwothree* x"],
      ["<b>a</b><strong>b</strong>", "**ab**"],
      ["<b><i>a</i><i>b</i></b>", "***ab***"],
      ["<b><i>a</i></b><b><i>b</i></b>", "***ab***"],
      ["<b><i>a</i></b><b>b</b>", "***a*b**"],
      ["<i>a<br>b</i><i>c<br>d</i>", "*a*\n*bc*\n*d*"],
      ["<s>a</s><s>b</s>", "~~ab~~"],
      ["<i>a</i><i></i><i>b</i>", "*ab*"],
    ])
  })

  it("T-18: marks with something between them stay apart", () => {
    check([
      ["<i>one</i> <i>two</i>", "*one* *two*"],
      ["<i>one </i><i>two</i>", "*one* *two*"],
      ["<i>one</i>x<i>two</i>", "*one*x*two*"],
      ["<i>one</i><br><i>two</i>", "*one*\n*two*"],
      ["<p><i>one</i></p><p><i>two</i></p>", "*one*\n\n*two*"],
      ["<ul><li><i>one</i></li><li><i>two</i></li></ul>", "- *one*\n- *two*"],
    ])
  })

  it("T-18: a mark that the author has typed is not doubled", () => {
    check([
      ["<i>*emote*</i>", "*emote*"],
      ["<i>*a* b *c*</i>", "*a* b *c*"],
      ["<b>**x**</b>", "**x**"],
      ["<s>~~x~~</s>", "~~x~~"],
      ["<b>*x*</b>", "***x***"],
      ["<i>**x**</i>", "***x***"],
      ["<i>***x***</i>", "***x***"],
      ["<i>*one</i><i>two*</i>", "*onetwo*"],
    ])
  })

  it("T-16: asterisks and underscores of the text are not escaped", () => {
    check([["*waves* _x_ dark_lord", "*waves* _x_ dark_lord"]])
  })

  it("white space collapses and blocks are paragraphs", () => {
    check([
      ["a\n\n b   c", "a b c"],
      ["<p>a</p> <p>b</p>", "a\n\nb"],
      ["<p>a<p>b", "a\n\nb"],
      ["a<br>b<br><br><br>c", "a\nb\n\nc"],
      ["<div>a</div><div>b</div>", "a\nb"],
      ["a<hr>b", "a\n\n---\n\nb"],
      ["<h3>a <b>b</b></h3>c", "### a **b**\n\nc"],
      ["&lt;b&gt; &amp; c&#39;d", "<b> & c'd"],
    ])
  })

  it("T-15: links are unwrapped, kept or left out as a whole", () => {
    const link = '<a href="https://x.y">name</a> went'
    check([[link, "name went"]])
    check([[link, "[name](https://x.y) went"]], { links: "keep" })
    check([[link, "went"]], { links: "drop" })
  })

  it("T-20: quotes, scripts and image wrappers go as a whole, spoilers stay", () => {
    check([
      ["<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "d"],
      ['<div class="bbCodeBlock bbCodeBlock--quote"><div>q</div></div>a', "a"],
      ['<div data-quote="bob">q</div>a', "a"],
      ["a<script>x</script>b<style>c</style><!-- d --><noscript>e</noscript>", "ab"],
      ['<div><div class="bbImageWrapper"><img src="x"></div><div>y</div></div>z', "y\nz"],
      ['<div class="bbCodeSpoiler"><button>Spoiler</button><div class="bbCodeSpoiler-content">x</div></div>', "x"],
      ["<details><summary>s</summary>x</details>", "s\n\nx"],
    ])
    check([["<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"]], { quotes: "keep" })
  })

  it("images are left out unless they are asked for", () => {
    check([["a <img src=x alt=y> b", "a b"]])
    check([["a <img src=x alt=y> b", "a ![y](x) b"]], { images: "keep" })
  })

  it("lists, code and tables", () => {
    check([
      ["<ul><li>a<li>b</ul>", "- a\n- b"],
      ["<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"],
      ["<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"],
      ["x<pre>  a\n   b</pre>y", "x\n\n```\n  a\n   b\n```\n\ny"],
      ["<code>*x*</code>", "`*x*`"],
      ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a | b\nc | d"],
    ])
  })

  it("items of lists hold paragraphs, quotes, code and lists of their own; empty ones are left out", () => {
    check(
      [
        ["<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "- a\n- b\n\n  c"],
        ["<ul><li></li><li>a<br>b</li></ul>", "- a\n  b"],
        ["<ol><li>a<ol><li>x</li></ol></li><li>b</li></ol>", "1. a\n   1. x\n2. b"],
        ["<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"],
        ["<li>a</li><li>b</li>", "- a\n- b"],
        ["<ul><li><pre>x\n y</pre></li></ul>", "- ```\n  x\n   y\n  ```"],
        ["<blockquote><ul><li>a</li><li>b</li></ul></blockquote>", "> - a\n> - b"],
        ["<ul><li><blockquote>q</blockquote></li></ul>", "- > q"],
        ["<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n>\n> > b\n>\n> c\n\nd"],
      ],
      { quotes: "keep" },
    )
  })

  it("emphasis around blocks marks the text of each", () => {
    check([
      ["<b><p>a</p><p>b</p></b>", "**a**\n\n**b**"],
      ["<i><div>a</div><ul><li>b</li></ul></i>", "*a*\n\n- b"],
      [
        "<span style='font-weight: bold'>a</span> <span style='FONT-STYLE:italic'>b</span> <span>c</span>",
        "**a** *b* c",
      ],
      ["<b>a<span style='font-weight:700'>b</span></b>", "**ab**"],
      ["hello&nbsp;<b>you</b>", "hello\u00a0**you**"],
    ])
  })

  it("code stands between as many back-ticks as it does not hold, without marks inside", () => {
    check([
      ["<code>a`b</code>", "``a`b``"],
      ["<code>`a</code>", "`` `a ``"],
      ["<pre>a <b>b</b><br>c</pre>", "```\na b\nc\n```"],
      ['<pre><code class="hljs language-js">x\n```\ny\n</code></pre>', "````js\nx\n```\ny\n````"],
      ["<pre></pre>a", "a"],
    ])
  })

  it("a table with a head has a line below it, and a cell is one line", () => {
    check([
      [
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>c</td><td>d<br>e</td></tr></table>",
        "a | b\n--- | ---\nc | d e",
      ],
      ["<table><tr><td><p>a</p><p>b</p></td></tr></table>c", "a\n\nb\n\nc"],
    ])
  })

  it("quotes of other forum software go as well, with signatures and notes; smileys are what was typed", () => {
    check([
      ['<div class="quoteheader">x wrote</div><div class="quote">q</div>a', "a"],
      ['<aside class="quote" data-username="x">q</aside>a', "a"],
      ['a<div class="message-lastEdit">Last edited</div><aside class="message-signature">s</aside>', "a"],
      ['hi <img class="smilie smilie--sprite" alt=":)" src="x"><img class="emoji" alt="😀">', "hi :)😀"],
    ])
  })

  it("T-16: text is changed before mark-up is added, its nodes and entities joined", () => {
    const replaceText = compileNameReplacer([
      ["bob_k", "{{char_1}}"],
      ["Tom & Jo", "{{char_0}}"],
    ])
    check(
      [
        ["hi <i>bob_k</i>", "hi *{{char_1}}*"],
        ["Tom &amp; Jo", "{{char_0}}"],
        ["bob<!-- x -->_k", "{{char_1}}"],
      ],
      { replaceText },
    )
  })

  it("U-10: deep nesting neither overflows nor loses text nor takes more than linear time", { timeout: 60_000 }, () => {
    for (const depth of [5_000, 100_000]) {
      const from = process.cpuUsage()
      const kept = htmlToMarkdown(`${"<blockquote>".repeat(depth)}deep${"</blockquote>".repeat(depth)}<p>after</p>`, {
        quotes: "keep",
      })
      assert.include(kept, "deep")
      assert.include(kept, "after")
      assert.isBelow(cpuSince(from), 5000)
    }
    assert.strictEqual(htmlToMarkdown(`${"<blockquote>".repeat(500)}x${"</blockquote>".repeat(500)}y`), "y")
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 120_000 }, () => {
    const units = [
      "<",
      "&",
      "<b>",
      "</b>",
      "<b> ",
      "<i><b></i></b>",
      "<ul><li>",
      "<a href=x>",
      "<!--",
      "<pre>",
      "<b>a<br>",
      "<td>",
      " ",
      "<i>a</i>",
      "<b><i>a</i></b>",
      "<i>*</i>",
    ]
    for (const unit of units) {
      const from = process.cpuUsage()
      htmlToMarkdown(unit.repeat(2 ** 20 / unit.length), { quotes: "keep", links: "keep", images: "keep" })
      assert.isBelow(cpuSince(from), 5000, unit)
    }
  })
})
