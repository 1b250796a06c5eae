import * as v from 'valibot';
import {
  gardenFailure,
  type GardenAnswer,
  type GardenFailure,
  type Properties,
} from '../model/garden.ts';
import { asHandle, type Handle } from '../model/ids.ts';
import { IDENTITY_PROPERTIES, isGardenProperty } from './container-identity.ts';
import { excessOf } from '../model/json-bounds.ts';
import { parseJson } from './json.ts';
import { oneLine } from '../model/text.ts';

/** Garden stops at 250 containers by default, and in any case when its subnets run out. */
export const MAX_HANDLES = 20_000;
/** gdn names directories after handles, so the kernel limits them to 255 bytes. */
export const MAX_HANDLE_LENGTH = 1_024;
export const MAX_PROPERTIES = 256;
export const MAX_PROPERTY_KEY_LENGTH = 256;
/** Values are cut after this many characters: the `log_config` of a Diego app has about 1,000. */
export const MAX_PROPERTY_VALUE_LENGTH = 16_384;
/** A container with more properties is undecided. */
const MAX_READ_PROPERTIES = 20_000;
/** A quote inside a text is escaped, so this occurs only between two properties. */
const BETWEEN_PROPERTIES = '","';
/** Characters of all values of one container. */
const MAX_VALUES_LENGTH = 32_768;
const MAX_MESSAGE = 200;

/** Two quotes and a comma for each handle, and as many again for handles that contain them. */
const MAX_LIST_MARKS = 6 * MAX_HANDLES;
const LIST_MARK = /["[{,]/g;

// All messages are our own, because valibot's quote the input at any length.
const ListText = v.object(
  {
    Handles: v.pipe(
      v.custom<readonly unknown[]>(Array.isArray, 'Handles is not a list'),
      v.maxLength(MAX_HANDLES, `more than ${MAX_HANDLES} handles`),
      v.array(
        v.pipe(
          v.string('a handle is not a string'),
          v.maxLength(MAX_HANDLE_LENGTH, `a handle has over ${MAX_HANDLE_LENGTH} characters`),
        ),
      ),
    ),
  },
  'it has no Handles',
);

const isMap = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

const PropertiesText = v.nullable(
  v.pipe(
    v.custom<Readonly<Record<string, string>>>(isMap, 'it is not a map'),
    v.check(
      (map) => Object.values(map).every((value: unknown) => typeof value === 'string'),
      'a value is not a string',
    ),
  ),
);

const ErrorText = v.object({ Message: v.string() });

const OF_GARDEN = "check that the socket is Garden's";

const wrongShape = (what: string, issue: v.BaseIssue<unknown>): GardenFailure =>
  gardenFailure(
    'wrong-shape',
    `${what} does not look as expected (${issue.message}): ${OF_GARDEN}, and Garden's version`,
  );

function parsed(what: string, text: string): GardenAnswer<unknown> {
  const excess = excessOf(text);
  if (excess !== null) return gardenFailure('wrong-shape', `${what} ${excess}: ${OF_GARDEN}`);
  const value = parseJson(text);
  if (value !== undefined) return { kind: 'answered', value };
  const begin = text === '' ? 'is empty' : `begins with "${oneLine(text, 60)}"`;
  return gardenFailure('not-json', `${what} is not JSON (it ${begin}): ${OF_GARDEN}`);
}

/**
 * The body of `GET /containers`: `{"Handles":["H", …]}`, in any order; repeated handles count once.
 * A body without a list in `Handles` is a failure: `{}` is the answer to `/ping`, and no Garden has
 * been seen to send `{"Handles":null}`, which Go's client reads as an empty list. If both were read
 * as empty lists, every running container would be unknown to Garden.
 */
export function parseHandles(text: string): GardenAnswer<readonly Handle[]> {
  const what = "Garden's list of containers";
  // Refused before parsing: millions of tiny values cost seconds and some hundred megabytes.
  let marks = 0;
  for (const _ of text.matchAll(LIST_MARK)) {
    marks += 1;
    if (marks > MAX_LIST_MARKS)
      return gardenFailure(
        'wrong-shape',
        `${what} has more than ${MAX_HANDLES} entries: ${OF_GARDEN}`,
      );
  }
  const json = parsed(what, text);
  if (json.kind === 'failed') return json;
  const list = v.safeParse(ListText, json.value, { abortEarly: true });
  if (!list.success) return wrongShape(what, list.issues[0]);
  return { kind: 'answered', value: [...new Set(list.output.Handles)].map(asHandle) };
}

/**
 * The body of `GET /containers/H/properties`: a map of texts. It is `null`, with status 200, for a
 * handle without any and for an unknown handle. Whoever creates a container chooses its properties,
 * so they are bounded: see `keptProperties`. An answer with more than 20,000 names is refused.
 */
export function parseProperties(text: string): GardenAnswer<Properties> {
  const what = "Garden's answer about a container's properties";
  // Refused before parsing, because 260,000 names take a second.
  if (text.split(BETWEEN_PROPERTIES, MAX_READ_PROPERTIES + 1).length > MAX_READ_PROPERTIES) {
    return gardenFailure('wrong-shape', `${what} has more than ${MAX_READ_PROPERTIES} names`);
  }
  const json = parsed(what, text);
  if (json.kind === 'failed') return json;
  const map = v.safeParse(PropertiesText, json.value, { abortEarly: true });
  if (!map.success) return wrongShape(what, map.issues[0]);
  return { kind: 'answered', value: map.output === null ? null : keptProperties(map.output) };
}

/**
 * At most 256 names of 256 characters, and 32 KiB of values. The properties that identify the
 * container come first and Garden's own last, so that leaving some out never makes an owner look
 * lost.
 */
function keptProperties(map: Readonly<Record<string, string>>): Properties {
  const entries = Object.entries(map);
  const rank = ([key]: readonly [string, string]): number =>
    IDENTITY_PROPERTIES.has(key) ? 0 : isGardenProperty(key) ? 2 : 1;
  const byRank = [0, 1, 2].flatMap((wanted) => entries.filter((entry) => rank(entry) === wanted));
  const kept = new Map<string, string>();
  let left = MAX_VALUES_LENGTH;
  for (const [key, value] of byRank.slice(0, MAX_PROPERTIES)) {
    const text = cut(value, Math.min(left, MAX_PROPERTY_VALUE_LENGTH));
    left -= text.length;
    kept.set(key, text);
  }
  return Object.fromEntries<string>(
    entries.flatMap(([key]) => {
      const value = kept.get(key);
      return value === undefined ? [] : [[cut(key, MAX_PROPERTY_KEY_LENGTH), value] as const];
    }),
  );
}

/** A copy, because a slice would keep the whole text in memory. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return String(parseJson(JSON.stringify(text.slice(0, length))));
}

/** `{"Message":"…",…}`, escaped, at most 200 characters; null if it is something else. */
export function parseGardenError(text: string): string | null {
  const error = v.safeParse(ErrorText, parseJson(text));
  if (!error.success || error.output.Message === '') return null;
  return oneLine(error.output.Message, MAX_MESSAGE);
}
