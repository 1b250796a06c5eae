import { readFileSync } from 'node:fs';
import { recording } from '../recordings.ts';

/** As in the names of the recordings. */
export const TRACEE_VERSIONS = ['v0.13', 'v0.18-v0.24', '7c9ec978'] as const;
export type TraceeVersion = (typeof TRACEE_VERSIONS)[number];

/** What each line is of: three events of a container, a process in it, and one of the host. */
const KINDS = ['existing', 'created', 'removed', 'process', 'host'] as const;
type Kind = (typeof KINDS)[number];

/** The container in the recorded lines, of which an argument names another one. */
export const RECORDED_ID = '8a37cb6f-385b-4dd3-732c-34d6';

const recorded = new Map(
  TRACEE_VERSIONS.map((version) => {
    const lines = readFileSync(recording(`sensors/tracee-${version}.txt`), 'utf8').split('\n');
    return [version, lines];
  }),
);

/** A line as Tracee's own code wrote it, about another container and at another time. */
export function traceeLine(
  version: TraceeVersion,
  kind: Kind,
  { id = RECORDED_ID, at }: { readonly id?: string; readonly at?: number } = {},
): string {
  const line = recorded.get(version)?.[KINDS.indexOf(kind)] ?? '';
  const named = line.replaceAll(RECORDED_ID, JSON.stringify(id).slice(1, -1));
  if (at === undefined) return named;
  const time = version === '7c9ec978' ? `"${new Date(at).toISOString()}"` : `${at}000000`;
  return named.replace(/"timestamp":("[^"]+"|\d+)/, `"timestamp":${time}`);
}

/**
 * An alert with these fields; null without any, as with json_include_output_fields_property: false.
 */
export const falcoAlert = (
  fields: Readonly<Record<string, string | null>> | null,
  output = 'an output',
): string =>
  JSON.stringify({
    time: '2026-01-01T00:00:00.000000000Z',
    rule: 'a rule',
    source: 'syscall',
    output,
    ...(fields !== null && { output_fields: fields }),
  });

export const falcoLine = (id: string | null): string =>
  falcoAlert({ 'container.id': id, 'container.name': null });
