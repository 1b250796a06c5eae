import { decodeOctal } from './octal.ts';

/**
 * The options of a mount as a list. Commas separate, except within a quoted value: SELinux quotes a context that holds
 * a comma (`context="system_u:object_r:container_file_t:s0:c1,c2"`, selinux_sb_show_options).
 */
export function splitOptions(text: string): readonly string[] {
  const endOf = text.includes('="') ? endOutsideQuotes : endAtComma;
  const options: string[] = [];
  // A loop, because String.split takes twice as long for a few short parts.
  for (let from = 0; from <= text.length;) {
    const to = endOf(text, from);
    options.push(text.slice(from, to));
    from = to + 1;
  }
  return text.includes('\\') ? options.map(decodeOctal) : options;
}

function endAtComma(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  return comma === -1 ? text.length : comma;
}

function endOutsideQuotes(text: string, from: number): number {
  const plainEnd = endAtComma(text, from);
  const opening = text.indexOf('="', from);
  if (opening === -1 || opening > plainEnd) return plainEnd;
  // The quote closes at the end of the text or before a comma; anything else is a quote in a name.
  const closing = text.indexOf('",', opening + 2);
  if (closing !== -1) return closing + 1;
  return text.endsWith('"') && text.length > opening + 2 ? text.length : plainEnd;
}
