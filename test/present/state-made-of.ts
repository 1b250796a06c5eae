import type { AgentState, AgentEvent } from '../../src/model/agent-state.ts';
import type { MountChoice } from '../../src/model/hierarchy.ts';
import { asDevice, asHandle, type ByteString } from '../../src/model/ids.ts';
import {
  JOB_KINDS,
  LEDGERS,
  NO_ACCOUNT,
  type Account,
  type Marks,
} from '../../src/model/ledger.ts';
import { bytesOfText } from '../../src/model/text.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import { container, LOST, processFacts, report, state } from './agent-state-builder.ts';

/** Every text in a state that comes from outside of the program, replaced; so is every time. */
export function stateMadeOf(text: string, time = text): AgentState {
  const bytes = bytesOfText(text);
  const names = { id: text, name: text, spaceId: text, spaceName: text, organizationId: text };
  const app = { ...names, organizationName: text, index: 0, processType: text };
  const facts = processFacts(7, text, { comm: text, startedAt: time });
  const bosh = { deployment: text, group: text, index: 0, id: text, az: text, ip: text };
  const peaProcesses = [{ pea: text, pids: 1, processes: [{ ...facts, pid: 8 }] }];
  const about = { handle: asHandle(text), app, since: time, peas: [text], peaProcesses };
  const cgroups: Record<string, ByteString> = { memory: bytes, [text]: bytes };
  const events: readonly AgentEvent[] = (
    ['rollcall.container.untracked', 'rollcall.mounts.changed', 'rollcall.started'] as const
  ).map((message) => ({
    at: time,
    message,
    level: 'error',
    handle: asHandle(text),
    sentence: text,
    data: { app_name: text, from: text, to: text, drill: message === 'rollcall.started' },
  }));
  const hostileWarning = {
    reason: 'limit-lost',
    containers: 1,
    worst: asHandle(text),
    holds: { resource: 'memory', holds: 2, limit: 1 },
    limits: ['memory.max'],
  } as const;
  const partial = container(2, {
    ...about,
    status: 'untracked',
    reason: 'partial',
    severity: 'warning',
    explanation: { kind: 'partial', missing: [text], pids: null },
  });
  const marks = Object.fromEntries(LEDGERS.map((name) => [name, 'no'])) as unknown as Marks;
  const ledgers: Account = {
    ...NO_ACCOUNT,
    readAt: time,
    differing: [{ handle: text, app, address: text, policy: null, marks }],
    sharing: [{ address: text, handles: [text] }],
    alone: JOB_KINDS.map((kind) => ({ kind, name: text, since: time, isLeftover: true })),
  };
  const hostile = report(
    [
      container(1, {
        ...about,
        ...LOST,
        ...about,
        cgroups,
        processes: [facts, { ...facts, command: '' }],
      }),
      partial,
      container(3, {
        ...about,
        status: 'pending',
        reason: 'unowned',
        explanation: { kind: 'undecided', why: text },
      }),
      container(4, { ...about, privileged: true, throttled: true }),
    ],
    {
      takenAt: time,
      verdict: 'unknown',
      unknownCause: { kind: 'garden-unavailable', why: text },
      garden: { state: 'unavailable', since: time, why: text },
      cell: {
        hostname: text,
        bootId: text,
        bosh,
        scopes: { [text]: bytes },
        warnings: [hostileWarning],
      },
      leftoverCgroups: [bytes],
      ledgers,
    },
  );
  const { cgroups: cgroupsOf } = hostile;
  const hierarchies = cgroupsOf.hierarchies.map((choice): MountChoice => {
    const mount = choice.chosen === null ? null : { ...choice.chosen, mountPoint: bytes };
    return {
      ...choice,
      hierarchy: { ...choice.hierarchy, device: asDevice(text), controllers: [bytes], name: bytes },
      chosen: mount,
      why: text,
      candidates: choice.candidates.map((one) => ({
        ...one,
        mount: { ...one.mount, mountPoint: bytes, root: bytes },
        why: text,
      })),
    };
  });
  return state({
    version: text,
    startedAt: time,
    events,
    report: {
      ...withDrill(hostile, { handle: text, since: time, until: time }),
      cgroups: {
        ...cgroupsOf,
        primary: text,
        hierarchies,
        anchor: { source: 'walk', pid: 1, path: bytes },
      },
    },
  });
}
