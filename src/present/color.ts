/** Styles a text for a terminal, or leaves it unchanged. Apply it after measuring and escaping. */
export interface Colors {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly magenta: (text: string) => string;
}

/** Where a text for people is shown. */
export type Screen = { readonly colors: Colors; readonly columns: number };

/** Select Graphic Rendition of ECMA-48: a code that turns a style on, and one that turns it off. */
const style = (on: number | string, off: number) => (text: string) =>
  text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;

/*
 * Those of xterm's 256 colours that are neither light nor dark, with a contrast of about 4 to 1 or
 * more on black and on white. Each terminal has its own yellow, green and cyan among the first 16,
 * which nobody can read on white.
 */
export const COLOR_NUMBERS = { red: 196, yellow: 130, green: 28, cyan: 31, magenta: 133 } as const;

const color = (name: keyof typeof COLOR_NUMBERS) => style(`38;5;${COLOR_NUMBERS[name]}`, 39);

const plain = (text: string): string => text;

const IN_COLOR: Colors = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: color('red'),
  yellow: color('yellow'),
  green: color('green'),
  cyan: color('cyan'),
  magenta: color('magenta'),
};

const PLAIN: Colors = {
  bold: plain,
  dim: plain,
  red: plain,
  yellow: plain,
  green: plain,
  cyan: plain,
  magenta: plain,
};

export const colors = (enabled: boolean): Colors => (enabled ? IN_COLOR : PLAIN);
