/** Steps that several tasks share. */

/** Puts known names in place of `{{char}}` and `{{user}}`; what is unknown stays. */
export const replaceNames = (
  text: string,
  names: { readonly char?: string | undefined; readonly user?: string | undefined },
): string =>
  text.includes("{{")
    ? text.replace(
        /\{\{(char|user)\}\}/gi,
        (found: string, name: string) => names[name.toLowerCase() as "char" | "user"] ?? found,
      )
    : text

/** A text for an identifier: one line, without control characters. */
export const idText = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim()
