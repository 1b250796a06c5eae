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

/** By file name, in the order in which they are written. */
export type Tables = Readonly<
  Record<'containers.csv' | 'containers.json' | 'containers.rsyslog.json', string>
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
  const rows = rowsOf(containers);
  return {
    'containers.csv': [COLUMNS, ...rows.map(([key, { csv }]) => `${csvCell(key)},${csv}`), ''].join(
      '\r\n',
    ),
    'containers.json': `{\n${rows.map(([key, { json }]) => `${JSON.stringify(key)}:${json}`).join(',\n')}\n}\n`,
    'containers.rsyslog.json': `{"version":1,"nomatch":"","type":"string","table":[\n${rows
      .map(([key, { rsyslog }]) => `{"index":${JSON.stringify(key)},"value":${rsyslog}}`)
      .join(',\n')}\n]}\n`,
  };
}

/** A container in each table, without its key. */
interface Row {
  readonly csv: string;
  readonly json: string;
  readonly rsyslog: string;
}

/** A container that does not change is written again with each other one that does. */
const rows = new WeakMap<ContainerName, Row>();

function rowOf(container: ContainerName): Row {
  const known = rows.get(container);
  if (known !== undefined) return known;
  const row = madeRow(container);
  rows.set(container, row);
  return row;
}

function rowsOf(containers: readonly ContainerName[]): readonly (readonly [string, Row])[] {
  const byKey = new Map<string, ContainerName | null>();
  for (const container of containers) {
    // No sensor writes such a handle as it is.
    if (cleanText(container.handle) !== container.handle) continue;
    for (const key of keysOf(container.handle))
      byKey.set(key, byKey.has(key) || isSharedId(key) ? null : container);
  }
  return [...byKey].flatMap(([key, container]) =>
    container === null ? [] : [[key, rowOf(container)] as const],
  );
}

function madeRow(container: ContainerName): Row {
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
