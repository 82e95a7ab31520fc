/** Addresses of the internet: which of them lead to this machine or to a network that the public does not reach. */
import { BlockList, isIP } from "node:net"

/** The special-purpose registries of IANA (RFC 6890 and its updates), and multicast. */
const notPublic4: ReadonlyArray<readonly [string, number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]

/** Of the sixth version only 2000::/3 is given out; within it these lead elsewhere. */
const notPublic6: ReadonlyArray<readonly [string, number]> = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]

const list = new BlockList()
for (const [net, prefix] of notPublic4) list.addSubnet(net, prefix, "ipv4")
for (const [net, prefix] of notPublic6) list.addSubnet(net, prefix, "ipv6")
const given6 = new BlockList()
given6.addSubnet("2000::", 3, "ipv6")
/** Addresses that stand for one of the fourth version: they are judged by it. */
const translated = new BlockList()
translated.addSubnet("64:ff9b::", 96, "ipv6")
const mapped = new BlockList()
mapped.addSubnet("::ffff:0:0", 96, "ipv6")

/** The sixteen bytes of an address of the sixth version, as groups of two. */
const groupsOf = (address: string): ReadonlyArray<number> => {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const plain =
    dotted === null
      ? address
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
  const [head = "", tail] = plain.split("::")
  const parse = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)))
  const first = parse(head)
  if (tail === undefined) return first
  const last = parse(tail)
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}

const lastAs4 = (address: string): string => {
  const [high = 0, low = 0] = groupsOf(address).slice(-2)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

/**
 * Whether an address, as a resolver or `URL` writes it (brackets allowed, no zone), belongs to the public internet. What
 * is no address is not public.
 */
export const isPublicAddress = (given: string): boolean => {
  const address = given.replace(/^\[|\]$/g, "").replace(/%.*$/, "")
  const version = isIP(address)
  if (version === 4) return !list.check(address, "ipv4")
  if (version !== 6) return false
  if (translated.check(address, "ipv6") || mapped.check(address, "ipv6")) return isPublicAddress(lastAs4(address))
  return given6.check(address, "ipv6") && !list.check(address, "ipv6")
}

/** Whether the host of a URL is this machine by its very spelling. */
export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."))
