import { decodeOctal } from './octal.ts';

/**
 * The options of a mount as a list. Commas separate, except within a quoted value: SELinux quotes a context that holds
 * a comma (`context="system_u:object_r:container_file_t:s0:c1,c2"`, selinux_sb_show_options).
 */
export function splitOptions(text: string): readonly string[] {
  const endOf = text.includes('="') ? endOutsideQuotes(text) : endAtComma;
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

/** Asked from left to right: what was looked for once is not looked for again, so that a long text takes no longer than its length. */
function endOutsideQuotes(text: string): typeof endAtComma {
  let opening = text.indexOf('="');
  let mayClose = true;
  return (_text, from) => {
    const plainEnd = endAtComma(text, from);
    if (opening !== -1 && opening < from) opening = text.indexOf('="', from);
    if (opening === -1 || opening > plainEnd) return plainEnd;
    // The quote closes at the end of the text or before a comma; anything else is a quote in a name.
    const closing = mayClose ? text.indexOf('",', opening + 2) : -1;
    if (closing !== -1) return closing + 1;
    mayClose = false;
    return text.endsWith('"') && text.length > opening + 2 ? text.length : plainEnd;
  };
}
