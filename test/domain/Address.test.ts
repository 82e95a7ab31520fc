import { assert, describe, it } from "@effect/vitest"
import { isLoopbackHost, isPublicAddress } from "../../src/domain/Address.ts"

describe("addresses", () => {
  it("of networks that the public does not reach are told from the others", () => {
    for (const address of [
      ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1"],
      ["0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9"],
      ["::1", "::", "[::1]", "fe80::1%eth0", "fc00::1", "fdff::1", "ff02::1", "fec0::1", "2001:db8::1", "2002::1"],
      ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a00:1", "::7f00:1"],
      ["", "localhost", "not an address", "1.2.3"],
    ].flat())
      assert.isFalse(isPublicAddress(address), address)
    for (const address of [
      ["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "192.167.0.1", "100.128.0.1", "223.255.255.255"],
      [
        "2606:4700::1111",
        "[2606:4700::1111]",
        "2a00:1450:4001::1",
        "::ffff:1.1.1.1",
        "::ffff:101:101",
        "64:ff9b::101:101",
      ],
    ].flat())
      assert.isTrue(isPublicAddress(address), address)
  })

  it("of this machine are known by their spelling", () => {
    for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"]) assert.isTrue(isLoopbackHost(host), host)
    for (const host of ["localhost.evil.example", "127.0.0.1.nip.io", "128.0.0.1", "[::2]"])
      assert.isFalse(isLoopbackHost(host), host)
  })
})
