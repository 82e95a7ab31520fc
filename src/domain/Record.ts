/** Where something was read: enough for a person to find it again. */
export interface Place {
  /** Path relative to the data folder, with `/` on every system; a member of an archive behind its mark. */
  readonly file: string
  /** 1-based line, for line-based files. */
  readonly line?: number
  /** 0-based position of the element in its array. */
  readonly index?: number
  /** 0-based row of a table. */
  readonly row?: number
  /** Byte offset in the file, where a line number says too little. */
  readonly byte?: number
}

/** A record and where it stood. `index` counts the records of its file from 0. */
export interface Located<A> {
  readonly record: A
  readonly place: Place
  readonly index: number
}

/** `file:line`, `file[index]` or `file`, for messages. */
export const formatPlace = (place: Place): string =>
  place.line !== undefined
    ? `${place.file}:${place.line}`
    : place.index !== undefined
      ? `${place.file}[${place.index}]`
      : place.row !== undefined
        ? `${place.file} row ${place.row}`
        : place.file

/** Stands between an archive and a member of it: `dump.zip!/chats/a.jsonl`. */
export const memberMark = "!/"

const inArchive = /^(.*?\.(?:zip|tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|zstd?|xz|bz2)))!\/(.*)$/is

/** The file, and the member of it where it is an archive. */
export const splitMember = (file: string): { readonly file: string; readonly member?: string } => {
  const [, archive, member] = inArchive.exec(file) ?? []
  return archive === undefined || member === undefined ? { file } : { file: archive, member }
}
