import type { ContainerName, Names } from '../model/names.ts';
import { cleanText } from './clean-text.ts';
import { displayName } from './app-instance.ts';
import { keysOf } from './keys.ts';
import { isSharedId } from './lookup.ts';
import { namedContainer } from './named-container.ts';

/** Ended containers stay in the tables for this time, because events come late. */
const SHOWN_MILLISECONDS = 600_000;

const COLUMNS =
  'key,name,handle,org,space,app,org_id,space_id,app_id,index,kind,since,ended' as const;

/** The containers that the tables have at a time. */
export const shownInTables = ({ containers }: Names, now: number): readonly ContainerName[] =>
  containers.filter(({ ended }) => ended === null || now - ended < SHOWN_MILLISECONDS);

/** By file name, in the order in which they are written: the parts of each file, in UTF-8. */
export type Tables = Readonly<
  Record<
    'containers.csv' | 'containers.json' | 'containers.rsyslog.json',
    readonly Uint8Array<ArrayBuffer>[]
  >
>;
export const TABLE_NAMES = [
  'containers.csv',
  'containers.json',
  'containers.rsyslog.json',
] as const satisfies readonly (keyof Tables)[];

/**
 * Whose each id is, for programs that add names to what a sensor reports. A key that several
 * containers have is left out, and so is one that Falco gives to processes of many.
 */
export function tablesOf(containers: readonly ContainerName[]): Tables {
  const all = containers.map((container) => ({ container, block: blockOf(container) }));
  const isAmbiguous = sharedKeysOf(all.map(({ block }) => block));
  const blocks = all.flatMap(({ container, block }) => {
    const keys = block.keys.filter((key) => !isAmbiguous.has(key));
    if (keys.length === 0) return [];
    return [keys.length === block.keys.length ? block : blockWith(keys, container)];
  });
  return {
    'containers.csv': [encoded(`${COLUMNS}\r\n`), ...blocks.map(({ csv }) => csv)],
    'containers.json': [
      encoded('{\n'),
      ...listed(blocks.map(({ json }) => json)),
      encoded('\n}\n'),
    ],
    'containers.rsyslog.json': [
      encoded('{"version":1,"nomatch":"","type":"string","table":[\n'),
      ...listed(blocks.map(({ rsyslog }) => rsyslog)),
      encoded('\n]}\n'),
    ],
  };
}

/** The rows of one container in each table. In JSON, each begins with what separates it from the one before. */
interface Block {
  readonly keys: readonly string[];
  readonly csv: Uint8Array<ArrayBuffer>;
  readonly json: Uint8Array<ArrayBuffer>;
  readonly rsyslog: Uint8Array<ArrayBuffer>;
}

/** While one container a second comes and goes, the others must not be written and encoded again. */
const knownBlocks = new WeakMap<ContainerName, Block>();

function blockOf(container: ContainerName): Block {
  const known = knownBlocks.get(container);
  if (known !== undefined) return known;
  const { handle } = container;
  // No sensor writes a handle as it is that is not clean.
  const keys = cleanText(handle) === handle ? keysOf(handle).filter((key) => !isSharedId(key)) : [];
  const block = blockWith(keys, container);
  knownBlocks.set(container, block);
  return block;
}

const SEPARATOR = ',\n';

function blockWith(keys: readonly string[], container: ContainerName): Block {
  const { csv, json, rsyslog } = madeRow(container);
  const rows = (rowOf: (key: string) => string) => encoded(keys.map(rowOf).join(''));
  return {
    keys,
    csv: rows((key) => `${csvCell(key)},${csv}\r\n`),
    json: rows((key) => `${SEPARATOR}${JSON.stringify(key)}:${json}`),
    rsyslog: rows((key) => `${SEPARATOR}{"index":${JSON.stringify(key)},"value":${rsyslog}}`),
  };
}

/** Without what would separate the first one from one before it. */
const listed = (parts: readonly Uint8Array<ArrayBuffer>[]): readonly Uint8Array<ArrayBuffer>[] =>
  parts.map((part, place) => (place === 0 ? part.subarray(SEPARATOR.length) : part));

/** Keys that several containers have. */
function sharedKeysOf(all: readonly Block[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { keys } of all)
    for (const key of keys) {
      if (seen.has(key)) shared.add(key);
      seen.add(key);
    }
  return shared;
}

const encoder = new TextEncoder();
const encoded = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** A container in each table, without its key. */
function madeRow(container: ContainerName) {
  const view = namedContainer(container, null);
  const name = cleanText(displayName(container));
  const { handle, org, space, app, orgId, spaceId, appId, index, kind, since, ended } = view;
  const texts = [name, handle, org, space, app, orgId, spaceId, appId].map(textCell);
  const rest = [index, kind, since, ended].map((value) => csvCell(String(value ?? '')));
  const fields = {
    handle,
    kind,
    app,
    app_id: appId,
    // As cloud.gov's parser expects it: a text.
    app_instance: index === null ? null : String(index),
    org,
    org_id: orgId,
    space,
    space_id: spaceId,
    process_type: view.processType,
  };
  const known = Object.entries(fields).filter(([, value]) => value !== null);
  return {
    csv: [...texts, ...rest].join(','),
    json: JSON.stringify(view),
    rsyslog: JSON.stringify(JSON.stringify(Object.fromEntries(known))),
  };
}

/** RFC 4180. A clean text has no line break. */
const csvCell = (text: string): string =>
  /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A spreadsheet takes a cell that begins so for a formula; a tenant chose it. */
const textCell = (text: string | null): string =>
  text === null ? '' : csvCell(/^[=+\-@]/.test(text) ? `'${text}` : text);
