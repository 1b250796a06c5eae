/** An answer of Garden, ready to be sent. */
export interface GardenReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The buffer size of Go's net/http, which sends a longer body in chunks. */
export const CHUNKED_ABOVE_BYTES = 2048;

const JSON_TYPE = { 'Content-Type': 'application/json' };
const PLAIN = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

/** JSON as Go's encoder writes it: HTML's special characters escaped, a newline at the end. */
const goJson = (value: unknown): string =>
  `${JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;

/** Go writes the keys of a map in sorted order, those of a struct in the order of declaration. */
export const goMap = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));

export const json = (value: unknown, status = 200): GardenReply => ({
  status,
  headers: JSON_TYPE,
  body: goJson(value),
});

export interface GardenError {
  readonly Type: string;
  readonly Message: string;
  readonly Handle: string;
  readonly ProcessID: string;
  readonly Binary: string;
}

/** An error in a body, or `Err` in an entry of a bulk answer, where Garden loses its type. */
export const untypedError = (message: string): GardenError => ({
  Type: '',
  Message: message,
  Handle: '',
  ProcessID: '',
  Binary: '',
});

export const failure = (message: string): GardenReply => json(untypedError(message), 500);

export const unknownHandle = (handle: string): GardenReply =>
  json(
    {
      ...untypedError(`unknown handle: ${handle}`),
      Type: 'ContainerNotFoundError',
      Handle: handle,
    },
    404,
  );

export const NOT_FOUND: GardenReply = { status: 404, headers: PLAIN, body: '404 page not found\n' };

export const methodNotAllowed = (allow: readonly string[]): GardenReply => ({
  status: 405,
  headers: { Allow: allow.join(', '), ...PLAIN },
  body: 'Method Not Allowed\n',
});

export const BAD_REQUEST: GardenReply = {
  status: 400,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  body: '400 Bad Request',
};
