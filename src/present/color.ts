/** Where a text for people is shown. */
export type Screen = {
  readonly colors: Colors;
  readonly columns: number;
  /** How the reader types the program; `rollcall` if nothing says it. */
  readonly typedAs?: string;
  /** Whether texts that have a short form are whole on a narrow terminal, too. */
  readonly wide?: boolean;
  /** Whether each command keeps its line, because somebody fills in words before typing it. */
  readonly keepsCommands?: boolean;
  /** Of tables: the columns between two columns, 2 by default, and their titles, which are capitals by default. */
  readonly gap?: number;
  readonly titleStyle?: (title: string) => string;
};

/*
 * Those of xterm's 256 colours that are neither light nor dark, with a contrast of about 4 to 1 or
 * more on black and on white. Each terminal has its own yellow, green and cyan among the first 16,
 * which nobody can read on white.
 */
export const COLOR_NUMBERS = { red: 196, yellow: 130, green: 28, cyan: 31, magenta: 133 } as const;

/** Styles for a terminal, or texts unchanged. Apply them after measuring and escaping. */
export function colors(enabled: boolean) {
  // Select Graphic Rendition of ECMA-48: a code that turns a style on, and one that turns it off.
  const style =
    (on: number | string, off: number) =>
    (text: string): string =>
      !enabled || text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`;
  const color = (name: keyof typeof COLOR_NUMBERS) => style(`38;5;${COLOR_NUMBERS[name]}`, 39);
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: color('red'),
    yellow: color('yellow'),
    green: color('green'),
    cyan: color('cyan'),
    magenta: color('magenta'),
  } as const;
}

export type Colors = ReturnType<typeof colors>;
