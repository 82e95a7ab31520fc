/** Parts of a package that has no types for them. */
declare module "unbzip2-stream/lib/bzip2.js" {
  /** Reads bits; null goes on to the next byte. */
  type Bits = ((count: number | null) => number) & { readonly bytesRead: number }
  const bzip2: {
    /** Reads the beginning of a stream: the size of its blocks, in units of 100,000 bytes. */
    readonly header: (bits: Bits) => number
    /** Unpacks a block; null at the end of the stream. */
    readonly decompress: (
      bits: Bits,
      put: (byte: number) => void,
      buffer: Int32Array,
      size: number,
      sum: number | null,
    ) => number | null
  }
  export default bzip2
}
declare module "unbzip2-stream/lib/bit_iterator.js" {
  const bitIterator: (next: () => Uint8Array) => ((count: number | null) => number) & { readonly bytesRead: number }
  export default bitIterator
}
