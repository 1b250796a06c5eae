/** Styles a text for a terminal, or leaves it alone; never part of what is measured or escaped. */
export interface Colors {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Select Graphic Rendition of ECMA-48: a code that switches a style on, and one that ends it. */
const style = (on: number, off: number) => (text: string) =>
  text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;

const plain = (text: string): string => text;

const IN_COLOR: Colors = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: style(31, 39),
  yellow: style(33, 39),
  green: style(32, 39),
  cyan: style(36, 39),
};

const PLAIN: Colors = {
  bold: plain,
  dim: plain,
  red: plain,
  yellow: plain,
  green: plain,
  cyan: plain,
};

export const colors = (enabled: boolean): Colors => (enabled ? IN_COLOR : PLAIN);
