/** What tables of kubectl hold. */

/** The cells of a table without its head, ages and drawn parts of names taken out. */
export const rowsOf = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s{2,}/));
/** The names of the columns. */
export const headOf = (table: string): string[] =>
  table
    .split('\n')[0]
    ?.trim()
    .split(/\s{2,}/) ?? [];
