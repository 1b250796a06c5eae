/** Lines as the sensors write them, by version. */

export type TraceeVersion = 'v0.13' | 'v0.15' | 'v0.24' | 'head';
export const TRACEE_VERSIONS: readonly TraceeVersion[] = ['v0.13', 'v0.15', 'v0.24', 'head'];

const NANOSECONDS = 1_000_000;

export function containerEvent(
  version: TraceeVersion,
  name: string,
  { id, at = Date.UTC(2026, 0, 1) }: { readonly id: string; readonly at?: number },
): string {
  if (version === 'head') {
    return JSON.stringify({
      timestamp: new Date(at).toISOString(),
      id: 2019,
      name,
      workload: { process: { pid: 1 } },
      data: [
        { name: 'runtime', str: 'garden' },
        { name: 'container_id', str: id },
        { name: 'ctime', int64: String(at * NANOSECONDS) },
      ],
    });
  }
  const type = version === 'v0.24' ? 'string' : 'const char*';
  return JSON.stringify({
    timestamp: at * NANOSECONDS,
    processName: 'tracee',
    ...(version === 'v0.13' ? {} : { containerId: '' }),
    container: {},
    eventId: '2019',
    eventName: name,
    argsNum: 2,
    args: [
      { name: 'runtime', type, value: 'garden' },
      { name: 'container_id', type, value: id },
      // Labels are shifted in v0.13 to v0.19.
      { name: 'container_image', type, value: '' },
      { name: 'container_image', type, value: '' },
    ],
  });
}

export function processEvent(version: TraceeVersion, id: string, text = '/bin/sh'): string {
  if (version === 'head') {
    return JSON.stringify({
      timestamp: '2026-01-01T00:00:00Z',
      id: 715,
      name: 'sched_process_exec',
      workload: { container: { id, name: '' } },
      data: [{ name: 'pathname', str: text }],
    });
  }
  return JSON.stringify({
    timestamp: 1_764_028_200_123_456,
    processName: 'sh',
    ...(version === 'v0.13' ? {} : { containerId: id }),
    container: { id },
    eventName: 'sched_process_exec',
    args: [{ name: 'pathname', type: 'const char*', value: text }],
  });
}

export const falcoLine = (id: string | null): string =>
  JSON.stringify({
    time: '2026-01-01T00:00:00.000000000Z',
    rule: 'a rule',
    source: 'syscall',
    output: 'an output',
    output_fields: { 'container.id': id, 'container.name': null },
  });
