/** SHA-256 of what is in memory. */
import * as crypto from "node:crypto"

/** `crypto.hash` spares the object of `createHash`; it came with Node 20.12. */
export const sha256: (data: string | Uint8Array) => Buffer =
  typeof crypto.hash === "function"
    ? (data) => crypto.hash("sha256", data, "buffer")
    : (data) => crypto.createHash("sha256").update(data).digest()
