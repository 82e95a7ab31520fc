/** Steps that several tasks share. */

/** A text for an identifier: one line, without control characters. */
export const idText = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim()
