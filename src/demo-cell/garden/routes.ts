/** All routes of gdn (garden routes/routes.go), because they decide between 404 and 405. */
const ROUTES = [
  ['ping', 'GET', '/ping'],
  ['capacity', 'GET', '/capacity'],
  ['list', 'GET', '/containers'],
  ['create', 'POST', '/containers'],
  ['info', 'GET', '/containers/:handle/info'],
  ['bulkInfo', 'GET', '/containers/bulk_info'],
  ['bulkMetrics', 'GET', '/containers/bulk_metrics'],
  ['destroy', 'DELETE', '/containers/:handle'],
  ['stop', 'PUT', '/containers/:handle/stop'],
  ['streamIn', 'PUT', '/containers/:handle/files'],
  ['streamOut', 'GET', '/containers/:handle/files'],
  ['bandwidthLimits', 'GET', '/containers/:handle/limits/bandwidth'],
  ['cpuLimits', 'GET', '/containers/:handle/limits/cpu'],
  ['diskLimits', 'GET', '/containers/:handle/limits/disk'],
  ['memoryLimits', 'GET', '/containers/:handle/limits/memory'],
  ['netIn', 'POST', '/containers/:handle/net/in'],
  ['netOut', 'POST', '/containers/:handle/net/out'],
  ['bulkNetOut', 'POST', '/containers/:handle/net/out/bulk'],
  ['stdout', 'GET', '/containers/:handle/processes/:pid/attaches/:streamid/stdout'],
  ['stderr', 'GET', '/containers/:handle/processes/:pid/attaches/:streamid/stderr'],
  ['run', 'POST', '/containers/:handle/processes'],
  ['attach', 'GET', '/containers/:handle/processes/:pid'],
  ['graceTime', 'PUT', '/containers/:handle/grace_time'],
  ['properties', 'GET', '/containers/:handle/properties'],
  ['property', 'GET', '/containers/:handle/properties/:key'],
  ['setProperty', 'PUT', '/containers/:handle/properties/:key'],
  ['removeProperty', 'DELETE', '/containers/:handle/properties/:key'],
  ['metrics', 'GET', '/containers/:handle/metrics'],
] as const satisfies readonly (readonly [name: string, method: string, pattern: string])[];

export type RouteName = (typeof ROUTES)[number][0];

export type Routed =
  | {
      readonly kind: 'route';
      readonly name: RouteName;
      readonly handle: string;
      readonly key: string;
      /** The first value of each name; gdn uses only that. */
      readonly query: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }
  /** An invalid escape: Go rejects the request before any route. */
  | { readonly kind: 'bad-request' };

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;

/**
 * Go's QueryUnescape, used for parts of the path too, so a plus is a space. Null if Go returns an
 * error.
 */
function unescaped(text: string): string | null {
  if (BAD_ESCAPE.test(text)) return null;
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function queryOf(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescaped(equals < 0 ? '' : pair.slice(equals + 1));
    if (name !== null && value !== null && !query.has(name)) query.set(name, value);
  }
  return query;
}

/**
 * The values of a pattern's names in a path; null if it does not match. The path is still escaped,
 * so that an escaped slash does not split it. A name also matches an empty part, except at the end.
 */
function match(pattern: string, path: string): ReadonlyMap<string, string> | null {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length || path.endsWith('/')) return null;
  const values = new Map<string, string>();
  for (const [index, name] of wanted.entries()) {
    const part = parts[index] ?? '';
    if (name.startsWith(':')) values.set(name.slice(1), unescaped(part) ?? '');
    else if (name !== part) return null;
  }
  return values;
}

/** How gdn's router resolves a request line; it neither cleans dots nor merges slashes. */
export function route(method: string, target: string): Routed {
  const [path = '', ...rest] = target.split('?');
  if (BAD_ESCAPE.test(path)) return { kind: 'bad-request' };
  const allow: string[] = [];
  for (const [name, routeMethod, pattern] of ROUTES) {
    const values = match(pattern, path);
    if (values === null) continue;
    if (routeMethod !== method) {
      allow.push(routeMethod);
      continue;
    }
    return {
      kind: 'route',
      name,
      handle: values.get('handle') ?? '',
      key: values.get('key') ?? '',
      query: queryOf(rest.join('?')),
    };
  }
  return allow.length > 0 ? { kind: 'method-not-allowed', allow } : { kind: 'not-found' };
}
