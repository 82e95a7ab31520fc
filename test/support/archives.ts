/** Small writers of archives, honest and hostile ones: each field can be a lie. */
import { deflateRawSync } from "node:zlib"
import { crc32 } from "../../src/layers/readers/Crc32.ts"

export interface ZipEntry {
  readonly name: string | Uint8Array
  readonly content?: string | Uint8Array
  /** 0 stored, 8 deflate; bytes of another method are given as `raw`. */
  readonly method?: number
  /** The packed bytes, where they are not what `content` packs to. */
  readonly raw?: Uint8Array
  readonly crc?: number
  /** What the headers say. */
  readonly size?: number
  readonly packedSize?: number
  readonly flags?: number
  /** File mode of Unix, e.g. 0o120777 for a symbolic link. */
  readonly mode?: number
  /** Offset of the local header that the directory names instead of its own. */
  readonly at?: number
}

/** A zip archive of the entries. `entryCount` is what the end says. */
export const zip = (entries: ReadonlyArray<ZipEntry>, entryCount = entries.length): Buffer => {
  const locals: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const content = Buffer.from(entry.content ?? "")
    const method = entry.method ?? 8
    const packed = Buffer.from(entry.raw ?? (method === 8 ? deflateRawSync(content) : content))
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(entry.flags ?? 0x800, 2)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(entry.crc ?? crc32(content, 0), 10)
    fields.writeUInt32LE(entry.packedSize ?? packed.length, 14)
    fields.writeUInt32LE(entry.size ?? content.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
    tail.writeUInt32LE(entry.at ?? offset, 10)
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 3]), fields, tail, name]))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write("PK\u0005\u0006")
  end.writeUInt16LE(entryCount, 8)
  end.writeUInt16LE(entryCount, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

export interface TarEntry {
  readonly name: string
  readonly content?: string | Uint8Array
  /** `0` a file, `1` a hard link, `2` a symbolic link, `5` a folder, `x` an extended header .. */
  readonly type?: string
  /** What the header says. */
  readonly size?: number
  readonly link?: string
}

export const tarHeader = ({ content = "", link = "", name, size, type = "0" }: TarEntry): Buffer => {
  const header = Buffer.alloc(512)
  header.write(name.slice(0, 100), 0)
  header.write("0000644\u0000", 100)
  header.write("0000000\u0000", 108)
  header.write("0000000\u0000", 116)
  const stated = size ?? Buffer.byteLength(content)
  if (stated < 8 ** 11) header.write(`${stated.toString(8).padStart(11, "0")}\u0000`, 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(stated), 128)
  }
  header.write("00000000000\u0000", 136)
  header.write("        ", 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write("ustar\u000000", 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148)
  return header
}

export const tarEntry = (entry: TarEntry): Buffer => {
  const content = Buffer.from(entry.content ?? "")
  return Buffer.concat([tarHeader(entry), content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

export const tar = (entries: ReadonlyArray<TarEntry>): Buffer =>
  Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)])

/** An extended header that names the entry behind it. */
export const pax = (fields: { readonly [key: string]: string }): TarEntry => {
  const content = Object.entries(fields)
    .map(([key, value]) => {
      const body = ` ${key}=${value}\n`
      let size = Buffer.byteLength(body)
      while (String(size).length + Buffer.byteLength(body) !== size)
        size = String(size).length + Buffer.byteLength(body)
      return `${size}${body}`
    })
    .join("")
  return { name: "PaxHeaders/x", type: "x", content }
}
