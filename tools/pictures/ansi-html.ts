import { escapeHtml } from '../../src/present/page/html.ts';

/** What `rollcall` uses of ECMA-48's Select Graphic Rendition: a class for what switches on, and the codes that switch it off. */
const ON: Readonly<Record<string, { readonly name: string; readonly off: string }>> = {
  '1': { name: 'bold', off: '22' },
  '2': { name: 'dim', off: '22' },
  '31': { name: 'red', off: '39' },
  '32': { name: 'green', off: '39' },
  '33': { name: 'yellow', off: '39' },
  '36': { name: 'cyan', off: '39' },
};
const SEQUENCE = /\x1b\[(\d+)m/;

/**
 * A terminal's text as HTML: `<span class="red">…</span>`.
 * @throws Error for a sequence that it does not know, so that none is shown wrongly
 */
export function ansiHtml(text: string): string {
  // Split at a pattern with a group: texts at even places, the codes between them at odd ones.
  const parts = text.split(SEQUENCE);
  const open: string[] = [];
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return escapeHtml(part);
      const style = ON[part];
      if (style !== undefined) {
        open.push(style.off);
        return `<span class="${style.name}">`;
      }
      if (open.pop() === part) return '</span>';
      throw new Error(`the picture of a terminal does not know the sequence ESC[${part}m here`);
    })
    .join('');
}
