import { COLOR_NUMBERS } from '../../src/present/color.ts';
import { escapeHtml } from '../../src/present/page/html.ts';

export interface TerminalRun {
  readonly prompt: string;
  readonly command: string;
  /** With its colours, as ANSI sequences. */
  readonly output: string;
  readonly ground: 'light' | 'dark';
}

const LINE_PIXELS = 17;
const MARGIN_PIXELS = 12;
const PADDING_PIXELS = 16;
const TITLE_PIXELS = 30;

/** The colours that a terminal sets; the commands set their own. */
const GROUNDS = {
  light: { ground: '#fff', frame: '#d5d9de', head: '#eceff2', ink: '#1f2328', dim: '#656d76' },
  dark: { ground: '#14181d', frame: '#14181d', head: '#262c34', ink: '#d7dde4', dim: '#8b96a3' },
} as const;

/** A page that shows a plain terminal after a command. */
export const terminalPage = ({ prompt, command, output, ground }: TerminalRun): string =>
  `<!doctype html><meta charset="utf-8"><title>${escapeHtml(command)}</title><style>
body { margin: 0; background: #fff; width: max-content }
main { margin: ${MARGIN_PIXELS}px; border-radius: 8px; background: ${GROUNDS[ground].ground}; box-shadow: 0 0 0 1px ${GROUNDS[ground].frame} }
header { height: ${TITLE_PIXELS}px; border-radius: 8px 8px 0 0; background: ${GROUNDS[ground].head}; color: ${GROUNDS[ground].dim};
  font: 12px/${TITLE_PIXELS}px "DejaVu Sans", sans-serif; text-align: center }
pre { margin: 0; padding: ${PADDING_PIXELS}px; color: ${GROUNDS[ground].ink}; font: 12px/${LINE_PIXELS}px "DejaVu Sans Mono", monospace }
.bold { font-weight: bold }
.dim { color: ${GROUNDS[ground].dim} }
.red { color: #ff0000 }
.green { color: #008700 }
.yellow { color: #af5f00 }
.cyan { color: #0087af }
.magenta { color: #af5faf }
</style><main><header>${escapeHtml(command)}</header><pre><span class="dim">${escapeHtml(prompt)}</span> <span class="bold">${escapeHtml(command)}</span>
${ansiHtml(output.trimEnd())}</pre></main>
`;

/** The part of ECMA-48's Select Graphic Rendition that `rollcall` uses. */
const CLASSES = new Map([
  ['1', 'bold'],
  ['2', 'dim'],
  ...Object.entries(COLOR_NUMBERS).map(([name, number]) => [`38;5;${number}`, name] as const),
]);
const ENDS = new Set(['22', '39']);

/**
 * Converts a terminal's text to HTML: `<span class="red">…</span>`.
 * @throws Error for an unknown sequence, so that none is shown incorrectly
 */
const ansiHtml = (text: string): string =>
  escapeHtml(text).replaceAll(/\x1b\[([\d;]+)m/g, (_, code: string) => {
    if (ENDS.has(code)) return '</span>';
    const name = CLASSES.get(code);
    if (name === undefined) throw new Error(`unknown sequence ESC[${code}m of a terminal`);
    return `<span class="${name}">`;
  });
