/** The routes of gdn (garden routes/routes.go) that rollcall, rep and the driver use. */
const ROUTES = [
  ['ping', 'GET', /^\/ping$/],
  ['list', 'GET', /^\/containers$/],
  ['destroy', 'DELETE', /^\/containers\/([^/]+)$/],
  ['properties', 'GET', /^\/containers\/([^/]*)\/properties$/],
] as const;

export interface Asked {
  readonly name: (typeof ROUTES)[number][0];
  readonly handle: string;
  /** The first value of each name; gdn uses only that. */
  readonly query: ReadonlyMap<string, string>;
}

/** As gdn's router: dots and slashes stay, an escaped slash splits nothing. Null: not answered. */
export function askedBy(method: string, target: string): Asked | null {
  const [path = '', ...rest] = target.split('?');
  for (const [name, routeMethod, pattern] of ROUTES) {
    const match = routeMethod === method ? pattern.exec(path) : null;
    const handle = match === null ? null : unescaped(match[1] ?? '');
    if (handle === null) continue;
    const query = new Map([...new URLSearchParams(rest.join('?'))].toReversed());
    return { name, handle, query };
  }
  return null;
}

/** Go's QueryUnescape for parts of the path: a plus is a space. Null if Go fails. */
function unescaped(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null;
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
