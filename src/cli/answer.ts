import type { StoredCapture } from '../model/snapshot.ts';
import { asTyped } from '../model/typed-as.ts';
import { captureHeading } from '../present/capture-text.ts';
import { documentText } from '../present/document/terminal.ts';
import { colors, type Screen } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { typedAs, wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';

interface Printed {
  readonly format: string;
  readonly color: ColorChoice;
}

/**
 * Prints JSON for programs, otherwise a text. With `stored`, a heading names the capture, so that
 * nobody takes it for this cell.
 */
export function printAnswer(
  answer: unknown,
  args: Printed,
  io: Io,
  text: (style: Screen) => string,
  { stored = null }: { readonly stored?: StoredCapture | null } = {},
): void {
  if (args.format === 'json') {
    io.stdout(`${asTyped(jsonText(answer, 2), typedAs(io))}\n`);
    return;
  }
  const style = {
    colors: colors(wantsColor(args.color, io)),
    columns: io.columns,
    typedAs: typedAs(io),
  };
  const heading =
    stored === null
      ? ''
      : `${documentText([captureHeading(stored, new Date().toISOString())], style)}\n`;
  io.stdout(heading + text(style));
}
