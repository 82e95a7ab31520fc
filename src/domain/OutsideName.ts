/**
 * Names of files that come from outside: paths in a repository, the end of a URL, entries of an archive. One rule for all
 * of them, the same on every system: what one system takes for a plain name may be a device or a way out on another.
 */

/** Names that are devices on Windows, with any ending; superscript digits count as digits there. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:[.:].*)?$/i

/** Control characters, marks that are not seen or turn the direction of writing, and separators of lines. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Look-alikes of separators and dots: a system or a person may fold them to what they look like. */
const lookAlike = /[\u2024\u2025\u2026\u2044\u2215\u2216\u29f5\u29f8\u29f9\ufe52\ufe68\uff0e\uff0f\uff1a\uff3c]/

const maxPartBytes = 255
const maxParts = 32

/** Why a name cannot be a file below a folder; undefined for a plain relative path with `/` between its parts. */
export const nameProblem = (name: string): string | undefined => {
  if (name === "") return "it is empty"
  if (!name.isWellFormed()) return "it is no valid text"
  if (invisible.test(name)) return "it holds a control character"
  if (lookAlike.test(name)) return "it holds a character that looks like a separator or a dot"
  if (name.includes("\\")) return "it holds a backslash"
  if (name.startsWith("/")) return "it is absolute"
  if (/[:<>"|?*]/.test(name)) return 'it holds one of : < > " | ? *'
  const parts = name.split("/")
  if (parts.length > maxParts) return `it has more than ${maxParts} parts`
  for (const part of parts) {
    if (part === "") return "it has an empty part"
    if (part === "." || part === "..") return "it does not stay inside its folder"
    if (/[. ]$/.test(part) || part.startsWith(" ")) return "a part ends with a dot, or begins or ends with a space"
    if (Buffer.byteLength(part) > maxPartBytes) return `a part is longer than ${maxPartBytes} bytes`
    if (device.test(part)) return "it is the name of a device"
    if (isPartName(part)) return "it is the name of a download that is not finished"
  }
  return undefined
}

/** Whether a name is that of a download that is not finished; no name from outside can be. */
export const isPartName = (name: string): boolean => /^\.[0-9a-f]{12}\.[\d.a-f]{1,90}\.part$/.test(name)
