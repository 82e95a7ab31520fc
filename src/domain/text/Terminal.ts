/** Text from outside, made safe to show on a terminal. */

/** Control characters but line feed and tab, C1 controls, and marks that turn the direction of writing. */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Every character that could steer a terminal becomes visible: `\x1b` for an escape. CRLF becomes LF. */
export const terminalText = (text: string): string =>
  text.replace(/\r\n/g, "\n").replace(unsafe, (char) => {
    const code = char.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`
  })

/** The same on one line. */
export const terminalLine = (text: string): string => terminalText(text).replace(/[\n\t]+/g, " ")
