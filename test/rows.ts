/** The rows of a table in a text; `|` or another separator is between their cells. */
export const rowsOf = (table: string, separator = '|'): readonly (readonly string[])[] =>
  table
    .trim()
    .split('\n')
    .map((row) => row.split(separator).map((cell) => cell.trim()));
