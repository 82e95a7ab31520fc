/** Lines of forum posts that carry no text of their own. */

const breaks = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/

/** Trims line ends and drops the lines that quote a thread's title (`RE: ..`): they name people. */
export const dropBadLines = (text: string): string =>
  text
    .split(breaks)
    .map((line) => line.trimEnd())
    .filter((line) => !/^(?:\*\*)?RE: /.test(line))
    .join("\n")
