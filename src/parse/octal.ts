/** One byte: a backslash and three octal digits, at most \377. */
const ESCAPE = /\\([0-3][0-7]{2})/g;

/**
 * Undoes the kernel's escaping of a field (seq_escape and mangle_path print `\040` for a space, also for tab, newline,
 * backslash and `#`). Decodes once, from the left: `\134040` is a backslash followed by `040`. What is no escape stays
 * as it is, for some file systems print bare backslashes.
 */
export const decodeOctal = (field: string): string =>
  field.includes('\\')
    ? field.replace(ESCAPE, (_escape, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 8)),
      )
    : field;
