/**
 * Finds what identifies people and machines in a text: e-mail addresses, telephone and card numbers, IBANs, network
 * addresses, keys and tokens. Tuned for chats: what only looks so (dates, scores, versions, times) is left alone, and so
 * is what is reserved for examples (`name@example.com`, `192.168.0.1`, 555-0123), as it belongs to nobody. All patterns are
 * bounded and begin at something rare, so that the time is in proportion to the text.
 */

import type { Cut as Found } from "./Cuts.ts"

/** Answers where something stands, in order. */
export type Finder = (text: string) => ReadonlyArray<Found>

const none: ReadonlyArray<Found> = []

/** All places of a pattern that `accept` takes; `pattern` has the `g` flag. */
const scan = (
  text: string,
  pattern: RegExp,
  accept: (hit: RegExpExecArray, text: string) => boolean,
): ReadonlyArray<Found> => {
  const all: Array<Found> = []
  pattern.lastIndex = 0
  for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
    const { 0: found, index } = hit
    if (accept(hit, text)) all.push({ from: index, to: index + found.length })
    // What is none as a whole may hold one: "in 2024 415-..".
    else pattern.lastIndex = index + 1
  }
  return all
}

// -------------------------------------------------------------------------------------------------------------- e-mail

const domain =
  /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}[\p{L}\p{N}])?\.){1,8}(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59})(?![\p{L}\p{N}_])/uy

/** Domains that RFC 2606 and RFC 6761 keep for examples. */
const exampleDomain = /(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost|local)$/i

/** Ends of file names that stand where a domain would: `icon@2x.png`. */
const fileEnd = /\.(?:png|jpe?g|gif|svg|webp|bmp|css|js|ts|html?|json|txt|pdf)$/i

const isLocalPart = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 46 ||
  code === 95 ||
  code === 37 ||
  code === 43 ||
  code === 45 ||
  // Letters of Europe; others join no address to the word before it.
  (code >= 0xc0 && code < 0x250 && code !== 0xd7 && code !== 0xf7)

export const findEmails: Finder = (text) => {
  const all: Array<Found> = []
  let last = 0
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    let from = at
    while (from > last && at - from < 64 && isLocalPart(text.charCodeAt(from - 1))) from--
    while (from < at && /[.+-]/.test(text[from] as string)) from++
    if (from === at || text[at - 1] === ".") continue
    domain.lastIndex = at + 1
    const host = domain.exec(text)?.[0]
    if (host === undefined || exampleDomain.test(host) || fileEnd.test(host)) continue
    last = at + 1 + host.length
    all.push({ from, to: last })
  }
  return all
}

// ------------------------------------------------------------------------------------------------- addresses of machines

const v4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)/g

/**
 * Networks that belong to nobody in particular: private, loopback, link-local, multicast, documentation (RFC 5737) and
 * netmasks. Four single digits are a version or a section of a text.
 */
const isPublicV4 = (found: string, before: string): boolean => {
  const parts = found.split(".").map(Number)
  const [a, b, c] = parts as [number, number, number, number]
  if (parts.some((part) => part > 255) || found.split(".").some((part) => part.length > 1 && part.startsWith("0")))
    return false
  if (parts.every((part) => part < 10) || /(?:\bv|version|release|build|section|chapter)[ .:]{0,2}$/i.test(before))
    return false
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if ((a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)) return false
  return !(
    (a === 192 && b === 0 && c === 2) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113)
  )
}

const v6 = /(?<![\p{L}\p{N}_:.])[0-9A-Fa-f]{1,4}(?:::?[0-9A-Fa-f]{1,4}){3,7}(?:::)?(?![\p{L}\p{N}_:])/gu

/** Eight groups, or fewer with one gap; not link-local, not unique local, not for documentation (RFC 3849). */
const isPublicV6 = (found: string): boolean => {
  const gaps = found.split("::").length - 1
  const groups = found.split(/::?/).filter((group) => group !== "")
  if (gaps > 1 || (gaps === 0 ? groups.length !== 8 : groups.length > 7) || !/\d/.test(found)) return false
  return !/^(?:fe[89ab]|f[cd]|2001:0?db8:)/i.test(found)
}

const mac = /(?<![\p{L}\p{N}_:.-])[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})(?![\p{L}\p{N}_:.-])/gu

/** Public IPv4 and IPv6 addresses, and hardware addresses. */
export const findAddresses: Finder = (text) => {
  const dotted = /\d\.\d{1,3}\.\d/.test(text)
  const coloned = mayHoldKeyOrGroup(text)
  if (!dotted && !coloned) return none
  return [
    ...(dotted
      ? scan(text, v4, ({ 0: found, index }) => isPublicV4(found, text.slice(Math.max(0, index - 12), index)))
      : none),
    ...(coloned ? scan(text, v6, ([found]) => isPublicV6(found)) : none),
    ...(coloned ? scan(text, mac, ([found]) => /\d/.test(found) && /[A-Fa-f]/.test(found)) : none),
  ]
}

// ------------------------------------------------------------------------------------------------------ cards and IBANs

/** The check digit of cards (ISO/IEC 7812-1, Luhn). */
const hasLuhn = (digits: string): boolean => {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/** Beginnings and lengths that issuers use. */
const issued =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11})$/

const cardLike =
  /(?<![\p{L}\p{N}_.-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,16})(?![\p{L}\p{N}_]|[.-]\d)/gu

export const findCards: Finder = (text) =>
  /\d[\d -]{11,17}\d/.test(text)
    ? scan(text, cardLike, ([found]) => {
        const digits = found.replace(/[ -]/g, "")
        return issued.test(digits) && hasLuhn(digits) && !/^(\d)\1+$/.test(digits)
      })
    : none

const ibanLike = /(?<![\p{L}\p{N}_])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}_])/gu

/** The check of an IBAN (ISO 13616): modulo 97, letters as two digits. */
const isIban = (found: string): boolean => {
  const plain = found.replaceAll(" ", "")
  if (plain.length < 15 || plain.length > 34) return false
  let rest = 0
  for (const char of plain.slice(4) + plain.slice(0, 4))
    for (const digit of String(Number.parseInt(char, 36))) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

export const findIbans: Finder = (text) =>
  /[A-Z]{2}\d\d ?[A-Z0-9]{4}/.test(text) ? scan(text, ibanLike, ([found]) => isIban(found)) : none

// ------------------------------------------------------------------------------------------------------------ telephones

/** North America, with the exchange that tells a number from other groups of digits. */
const american = String.raw`(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[ .-]\d{4}`
const international = String.raw`\+[1-9](?:[ ().\/-]{0,2}\d){7,14}`
/** A trunk zero, and pairs of digits (France) or an area code that is set off (Europe). */
const pairs = String.raw`0\d(?: \d\d){4}|0\d(?:\.\d\d){4}|0\d(?:-\d\d){4}`
const national = String.raw`(?:\(0\d{1,4}\)|0\d{1,4})(?:(?: ?[\/-] ?| )\d{2,8}){1,4}`
/** Any digits in groups: only where the words before say that it is a number to call. */
const called = String.raw`\(?\d[\d ().-]{5,20}\d`

const phoneLike = new RegExp(
  String.raw`(?<![\p{L}\p{N}_+.,:\/$€£#=-]|[$€£#] )(?:(${american})|(${international})|(${pairs}|${national})|(${called}))(?![\p{L}\p{N}_%°:]|[.,\/-]\d| ?[%$€£])`,
  "gu",
)

const dateLike = /(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})(?!\d)/

/** Words that say that a number is called; what they do not say is not taken for one where it could be anything. */
const calling =
  /(?:\b(?:phone|telephone|tel|cell|mobile|whatsapp|fax|hotline)\b|\b(?:call|text|ring|dial|reach|contact) (?:me|us|him|her|them)?)[^\n\d]{0,24}$/i

/** Reserved for fiction: 555-0100 to 555-0199 behind an area, and what fiction makes of it. */
const fictional = /555[ .-]?01\d\d$|^555[ .-]?\d{4}$/

/** Numbers that grow by the same each time: `05 10 15 20 25`. */
const isSeries = (groups: ReadonlyArray<string>): boolean => {
  const numbers = groups.map(Number)
  const step = (numbers[1] ?? 0) - (numbers[0] ?? 0)
  return groups.length > 2 && numbers.every((one, i) => i === 0 || one - (numbers[i - 1] as number) === step)
}

const isPhone = (hit: RegExpExecArray, text: string): boolean => {
  const [found, , , trunk, spoken] = hit
  const digits = found.replace(/\D/g, "")
  if (digits.length > 15 || /^(\d)\1+$/.test(digits) || fictional.test(found) || dateLike.test(found)) return false
  const before = text.slice(Math.max(0, hit.index - 48), hit.index)
  // Not the end of a longer row of numbers, and no row of years.
  if (isSeries(found.split(/\D+/))) return false
  if (trunk !== undefined)
    return (
      digits.length >= 9 &&
      digits.length <= 12 &&
      !/\d[ -]{0,3}$/.test(before) &&
      !/(?:19|20)\d\d (?:19|20)\d\d/.test(found)
    )
  if (spoken === undefined) return true
  return calling.test(before) && found.includes("(") === found.includes(")") && !/(?:^|\D)\d \d /.test(found)
}

export const findPhones: Finder = (text) =>
  /\d(?:[ ()./-]{0,3}\d){6}/.test(text) ? scan(text, phoneLike, isPhone) : none

/** Seven digits, three dots, or the beginning of an IBAN; all that is looked for has two digits side by side. */
export const mayHoldNumber = (text: string): boolean =>
  /\d\d/.test(text) && /\d(?:(?:[ ()./-]{0,3}\d){6}|\.\d{1,3}\.\d|(?<=[A-Z]{2}.)\d ?[A-Z0-9]{4})/.test(text)

// -------------------------------------------------------------------------------------------------------- keys, tokens

/**
 * Beginnings of the keys below, and groups of hexadecimal digits, to look for at once. Each is told by a character that is
 * rare in prose and what stands around it, as an engine finds a set of characters far faster than a choice of words.
 */
const keyOrGroup =
  /[-_:ABGJ9](?:(?<=sk-|[rs]k_|gh[opsur]_|_pat_|glpat-|xox[a-z]-|hf_|npm_|aws_|-----)|(?<=A)(?:KIA|SIA|Iza)|(?<=B)earer |(?<=eyJ|SG|ya29)|(?<=:)(?:AA|\/\/[^\s/@]{1,64}:|[0-9A-Fa-f:]{1,5}:)|(?<=-)[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-)/

export const mayHoldKeyOrGroup = (text: string): boolean => keyOrGroup.test(text)

/** Documented shapes of the issuers' keys; each has a fixed beginning and a length that no word reaches. */
const keyLike = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}_-])sk-(?:[a-z]+[0-9]*-){0,3}[A-Za-z0-9_-]{20,255}`,
    String.raw`(?<![\p{L}\p{N}_])[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}`,
    String.raw`(?<![\p{L}\p{N}_])(?:AKIA|ASIA)[A-Z2-7]{16}(?![\p{L}\p{N}_])`,
    String.raw`(?<=aws_secret_access_key["']?\s{0,4}[=:]\s{0,4}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])`,
    String.raw`(?<![\p{L}\p{N}_])gh[opsur]_[A-Za-z0-9]{36,255}`,
    String.raw`(?<![\p{L}\p{N}_])github_pat_[A-Za-z0-9_]{22,255}`,
    String.raw`(?<![\p{L}\p{N}_])glpat-[A-Za-z0-9_-]{20,255}`,
    String.raw`(?<![\p{L}\p{N}_])xox[a-z]-[A-Za-z0-9-]{10,255}`,
    String.raw`(?<![\p{L}\p{N}_])hf_[A-Za-z0-9]{30,255}`,
    String.raw`(?<![\p{L}\p{N}_])AIza[A-Za-z0-9_-]{35}`,
    String.raw`(?<![\p{L}\p{N}_])npm_[A-Za-z0-9]{36}`,
    String.raw`(?<![\p{L}\p{N}_])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{8,4096}`,
    String.raw`(?<![\p{L}\p{N}_])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`,
    String.raw`(?<![\p{L}\p{N}_])ya29\.[A-Za-z0-9_-]{20,255}`,
    String.raw`(?<![\p{L}\p{N}_])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])`,
    String.raw`(?<=Bearer )[A-Za-z0-9_~+/.-]{24,4096}=*`,
    // The password of an address: `scheme://name:password@host`.
    String.raw`(?<=:\/\/[^\s/@:]{1,64}:)(?!\[KEY_)[^\s/@]{1,128}(?=@[\p{L}\p{N}])`,
  ].join("|"),
  "gu",
)

/** Keys are random: they have digits and letters. A made-up `sk-your-own-api-key-goes-here` has none. */
const isRandom = (found: string): boolean =>
  !found.startsWith("sk-") || (/\d/.test(found.slice(3)) && /[A-Za-z]/.test(found.slice(3)))

const pemStart = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
/** A line of base 64, or a header; line breaks may be written as `\n`. And the last line, before the end mark. */
const pemLine = /(?:\s|\\[nr]){0,8}(?:[A-Za-z0-9+/=]{16,128}|[A-Za-z-]{1,32}: [^\n]{0,128})/y
const pemLast = /(?:\s|\\[nr]){0,8}[A-Za-z0-9+/=]{0,76}(?:\s|\\[nr]){0,8}(?=-----END )/y

/** Private keys in PEM: to their end mark, or as far as their lines look so. */
const findPem = (text: string): ReadonlyArray<Found> => {
  const all: Array<Found> = []
  pemStart.lastIndex = 0
  for (let hit = pemStart.exec(text); hit !== null; hit = pemStart.exec(text)) {
    let end = pemStart.lastIndex
    for (pemLine.lastIndex = end; pemLine.exec(text) !== null; ) end = pemLine.lastIndex
    pemLast.lastIndex = end
    if (pemLast.exec(text) !== null) end = pemLast.lastIndex
    const mark = hit[0].replace("BEGIN", "END")
    if (text.startsWith(mark, end)) end += mark.length
    all.push({ from: hit.index, to: end })
    pemStart.lastIndex = end
  }
  return all
}

export const findKeys: Finder = (text) =>
  mayHoldKeyOrGroup(text)
    ? [...(text.includes("-----BEGIN ") ? findPem(text) : none), ...scan(text, keyLike, ([found]) => isRandom(found))]
    : none
