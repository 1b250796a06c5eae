/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;
/** Of less nobody can read a table; a terminal without a size says 0. */
const NARROWEST = 20;

/** The columns of the first that has a usable width. */
export const terminalWidth = (...widths: readonly (number | undefined)[]): number =>
  widths.find((columns) => columns !== undefined && columns >= NARROWEST) ?? USUAL_COLUMNS;
