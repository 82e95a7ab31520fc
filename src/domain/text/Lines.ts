/** Lines of forum posts that carry no text of their own. */

const breaks = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/

/** Most texts have no such line, and no blank at the end of any. Not all that is looked for here is white space. */
const mayBeBad = (text: string): boolean =>
  text.includes("RE: ") ||
  text.endsWith(" ") ||
  text.endsWith("\t") ||
  /[\n\u000b-\u000d\u001c-\u001e\u0085-\uffff](?:(?<=[ \t]\n)|(?<!\n))/.test(text)

/** Trims line ends and drops the lines that quote a thread's title (`RE: ..`): they name people. */
export const dropBadLines = (text: string): string =>
  !mayBeBad(text)
    ? text
    : text
        .split(breaks)
        .map((line) => line.trimEnd())
        .filter((line) => !/^(?:\*\*)?RE: /.test(line))
        .join("\n")
