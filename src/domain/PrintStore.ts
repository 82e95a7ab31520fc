/**
 * Fingerprints of the episodes of a run by their ordinals, for filters that look at earlier ones again. They lie in a
 * scratch space, on disk where there is one; in memory stay 10 bytes an episode.
 */

/** Bytes put by, to be read again in any order. Synchronous: a decision about an episode waits for nothing. */
export interface Scratch {
  readonly append: (bytes: Uint8Array) => void
  readonly read: (at: number, length: number) => Uint8Array
}

/** A scratch space in memory. */
export const memoryScratch = (): Scratch => {
  let all = Buffer.allocUnsafe(1 << 16)
  let used = 0
  return {
    append: (bytes) => {
      if (used + bytes.length > all.length) {
        const larger = Buffer.allocUnsafe(Math.max(all.length * 2, used + bytes.length))
        all.copy(larger, 0, 0, used)
        all = larger
      }
      all.set(bytes, used)
      used += bytes.length
    },
    read: (at, length) => Uint8Array.prototype.slice.call(all, at, at + length),
  }
}

export interface PrintStore {
  /** Puts by the fingerprints of the next ordinal, an episode of this task. */
  readonly push: (task: number, prints: ReadonlyArray<Uint8Array>) => void
  readonly task: (ordinal: number) => number
  readonly prints: (ordinal: number) => ReadonlyArray<Uint8Array>
  readonly count: () => number
}

const grown = <A extends Float64Array | Uint16Array>(from: A, make: (length: number) => A): A => {
  const to = make(from.length * 2)
  to.set(from)
  return to
}

/** A store of the fingerprints of up to 65,536 tasks. */
export const makePrintStore = (scratch: Scratch): PrintStore => {
  let starts = new Float64Array(1 << 10)
  let tasks = new Uint16Array(1 << 10)
  let count = 0
  let end = 0
  return {
    push: (task, prints) => {
      if (count === tasks.length) {
        starts = grown(starts, (length) => new Float64Array(length))
        tasks = grown(tasks, (length) => new Uint16Array(length))
      }
      starts[count] = end
      tasks[count] = task
      count++
      // Lengths first, in words: so that a fingerprint of words lies on a boundary of four when it is read.
      const lengths = Uint32Array.from([prints.length, ...prints.map((print) => print.length)])
      scratch.append(new Uint8Array(lengths.buffer))
      end += lengths.byteLength
      for (const print of prints) {
        scratch.append(print)
        end += print.length
      }
    },
    task: (ordinal) => tasks[ordinal] as number,
    prints: (ordinal) => {
      const start = starts[ordinal] as number
      const bytes = scratch.read(start, (ordinal + 1 < count ? (starts[ordinal + 1] as number) : end) - start)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const number = view.getUint32(0, littleEndian)
      let at = 4 * (number + 1)
      return Array.from({ length: number }, (_, i) => {
        const length = view.getUint32(4 * (i + 1), littleEndian)
        at += length
        return bytes.subarray(at - length, at)
      })
    },
    count: () => count,
  }
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
