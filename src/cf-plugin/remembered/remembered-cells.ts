import * as v from 'valibot';
import { excessOf } from '../../model/json-bounds.ts';
import { oneLine } from '../../model/text.ts';
import { jsonText } from '../../present/json-text.ts';
import type { CellLocation } from '../log-cache/cell-samples.ts';

/** A cell that an earlier run on this machine saw. The texts are untrusted: escape them. */
export interface RememberedCell extends CellLocation {
  /** Unix time in seconds of the newest sample that any of the runs saw. */
  readonly lastSampleAt: number;
  /**
   * Unix time in seconds at which `--forget` named it: the cell counts again only with a newer sample.
   * Null: it is not forgotten.
   */
  readonly forgottenAt: number | null;
}

/** Whose cells they are: one user may see another foundation, or less of it, than the other. */
export interface Owner {
  /** The origin of the API. */
  readonly api: string;
  /** The subject of cf's token. */
  readonly user: string;
}

/** What the runs before this one left. */
export interface Earlier {
  readonly cells: readonly RememberedCell[];
  /** Whether no run of this user with this API is known here. */
  readonly isNone: boolean;
  /** Why what they left is not known, as a clause; null: it is. */
  readonly unusable: string | null;
}

/** More than the largest foundation has. A file of so many cells has at most 14 MB. */
export const MAX_REMEMBERED = 10_000;
/** The ids of BOSH have 36 characters; names of deployments and groups rarely have more. */
const MAX_TEXT = 100;
const SCHEMA_VERSION = 1;

/** Names that BOSH cannot give are not kept. */
export const isRememberable = ({ deployment, instanceGroup, index, ip }: CellLocation): boolean =>
  [deployment, instanceGroup, index, ip].every((text) => oneLine(text, MAX_TEXT) === text);

export function rememberedText({ api, user }: Owner, cells: readonly RememberedCell[]): string {
  const kept = cells.map(({ lastSampleAt, forgottenAt, ...location }) => ({
    ...location,
    lastSampleAt: timeText(lastSampleAt),
    forgottenAt: forgottenAt === null ? null : timeText(forgottenAt),
  }));
  return `${jsonText({ schemaVersion: SCHEMA_VERSION, api, user, cells: kept }, 1)}\n`;
}

const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString();

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((one) => Date.parse(one) / 1000),
  v.finite(),
);
const cell = v.object({
  deployment: text,
  instanceGroup: text,
  index: text,
  ip: text,
  lastSampleAt: time,
  forgottenAt: v.nullable(time),
});
const versioned = v.object({ schemaVersion: v.number() });
const content = v.object({
  api: v.string(),
  user: v.string(),
  cells: v.pipe(v.array(cell), v.maxLength(MAX_REMEMBERED)),
});

type Parsed =
  | { readonly ok: true; readonly cells: readonly RememberedCell[] }
  | { readonly ok: false; readonly why: string };

/** `why` is a predicate of the file: `is not valid JSON`. */
export function rememberedIn(stored: string, owner: Owner): Parsed {
  const no = (why: string): Parsed => ({ ok: false, why });
  const excess = excessOf(stored);
  if (excess !== null) return no(excess);
  let json: unknown;
  try {
    json = JSON.parse(stored);
  } catch {
    return no('is not valid JSON');
  }
  const version = v.safeParse(versioned, json);
  if (!version.success) return no('has no schemaVersion');
  const { schemaVersion } = version.output;
  if (schemaVersion !== SCHEMA_VERSION) return no(`has the schemaVersion ${schemaVersion}`);
  const { success, output, issues } = v.safeParse(content, json, { abortEarly: true });
  if (!success) return no(`has an unexpected value at ${v.getDotPath(issues[0]) ?? 'its top'}`);
  const isOwn = output.api === owner.api && output.user === owner.user;
  return isOwn ? { ok: true, cells: output.cells } : no('is of another API or user');
}
