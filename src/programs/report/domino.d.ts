/** What the charts need of a DOM; the package's own types are those of another name. */
declare module "@mixmark-io/domino" {
  export const createDocument: (html: string) => object
}
