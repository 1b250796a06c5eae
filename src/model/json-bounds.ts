/** The deepest JSON of rollcall, Garden or Cloud Foundry has ten levels. */
const MAX_LEVELS = 64;
/** Characters. Parsing a shorter text costs little, whatever is in it. */
const MAX_UNBOUNDED = 65_536;

/**
 * With 5,000 untracked containers the agent's report has 260,000 values, its memory 360,000, and each
 * pass of a capture 700,000 (five times what 1,000 have).
 */
export const MAX_VALUES = 1_000_000;

/**
 * Why a JSON text would cost too much to parse, as what `it` does (`has more than …`); null if it would
 * not, as for any text up to 64 Ki characters. 64 MiB of brackets take 20 s and 3 GB. Linear time.
 */
export function excessOf(json: string, maxValues = MAX_VALUES): string | null {
  if (json.length <= MAX_UNBOUNDED) return null;
  let [levels, values] = [0, 1];
  for (let at = 0; at < json.length; at++) {
    switch (json.charAt(at)) {
      case '"':
        at = endOfText(json, at);
        break;
      case '[':
      case '{':
        values += 1;
        levels += 1;
        if (levels > MAX_LEVELS) return `is nested deeper than ${MAX_LEVELS} levels`;
        break;
      case ']':
      case '}':
        levels -= 1;
        break;
      case ',':
        values += 1;
        break;
      default:
    }
    if (values > maxValues) return `has more than ${maxValues.toLocaleString('en')} values`;
  }
  return null;
}

/** Where a text in quotation marks ends. */
function endOfText(json: string, start: number): number {
  let end = start;
  let before = 0;
  do {
    end = json.indexOf('"', end + 1);
    if (end < 0) return json.length;
    for (before = end - 1; json[before] === '\\';) before -= 1;
  } while ((end - before) % 2 === 0);
  return end;
}
