import type { DestroyRetry, Difference, Severity } from '../model/finding.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';

/** The parts of an advice that depend on the container, and on who reads it. */
export interface AdviceParts {
  readonly handle: string;
  /** Sends to what says whose it is; empty where that is what people read. */
  readonly whose: string;
  /** The same, in parentheses. */
  readonly byExplain: string;
  /** How to delete it. */
  readonly remove: string;
  /** For an app: what to check before it is removed, and when that is urgent. */
  readonly recognised: string;
  readonly urgent: string;
}

export type Advice = (parts: AdviceParts) => string;

const NOT_RECOGNISED =
  'Not recognised: do not recreate the cell; capture, isolate, take a snapshot, then decide.';
/** What a recreated cell waits for. */
const RECREATE =
  'recreate the cell: rep moves its apps first, and a hanging destroy makes it wait for its whole evacuation timeout (600 s by default)';

export const UNKNOWN_ADVICE: Readonly<Record<Severity, Advice>> = {
  warning: ({ whose }) =>
    `${whose}${NOT_RECOGNISED} Recognised: Garden cannot delete it (404), so, when convenient, ${RECREATE}.`,
  critical: ({ whose, recognised, urgent }) =>
    `${whose}${NOT_RECOGNISED} ${recognised} ${RECREATE}. Garden cannot delete it (404).${urgent}`,
};

/** By what rep does about it. */
export const UNOWNED_ADVICE: Readonly<Record<Difference<'unowned'>['rep'], Advice>> = {
  never: ({ whose, remove }) =>
    `${whose}${NOT_RECOGNISED} Recognised: ${remove}. A restart of rep does not help.`,
  newer: ({ whose, recognised, remove, urgent }) =>
    `${whose}${NOT_RECOGNISED} ${recognised} ${remove}; or ${RECREATE}.${urgent}`,
  older: () =>
    "Look in rep's log for the failing destroy, and check that the BBS is up: without it, rep tries once and does not retry.",
  none: ({ whose, recognised, remove, urgent }) =>
    `${whose}${NOT_RECOGNISED} ${recognised} ${remove}. If rep exits at each start with "max containers reached", such containers fill its limit, and it starts once they are deleted.${urgent}`,
};

const ifRefused = ({ handle }: AdviceParts): string =>
  `If Garden answers "already being destroyed", run ${TYPED_ON_CELL} explain ${handle}, which names what gdn waits for.`;

/** By who retries its destroy; only for one in which nothing runs, also outside its cgroup. */
const DESTROY_ADVICE: Readonly<Record<DestroyRetry, Advice>> = {
  rep: () =>
    `Find out why its destroy fails (Garden's log) and end what blocks it: rep retries every 30 seconds. Until then do not restart rep, which would exit at each start. If nothing helps, ${RECREATE}.`,
  'health-check': ({ remove }) =>
    `Find out why its destroy fails (Garden's log) and end what blocks it: rep's next health check then removes it, or ${remove}. Until then do not restart rep, which would exit. If nothing helps, ${RECREATE}.`,
  'at-start': ({ remove }) =>
    `Find out why its destroy fails (Garden's log, and executor-failed-to-destroy-container in rep's), end what blocks it, and ${remove}: the next rep then starts. If nothing helps, recreate the cell.`,
  nobody: (parts) => `Nobody retries: ${parts.remove}. ${ifRefused(parts)}`,
  perhaps: (parts) =>
    `If it stays for more than a minute, ${parts.remove}. A restart of rep does not help. ${ifRefused(parts)}`,
  hanging: ({ remove }) =>
    `End every process that gdn waits for, those below it included: its destroy ends within seconds of the last one, and in state D a process ends only when what it waits for answers. Until then Garden answers "already being destroyed" to every other attempt; do not restart rep. If it is still listed a minute later, ${remove}. If nothing helps, ${RECREATE}.`,
  'perhaps-hanging': ({ remove }) =>
    `First ${remove}. If Garden answers "already being destroyed", end the process that the sentence names: the destroy ends within seconds of it, and then you can delete it. Until then do not restart rep. If nothing helps, ${RECREATE}.`,
};

/** @param difference null if only its severity is known */
export function noCgroupAdvice(
  severity: Severity,
  difference: Difference<'no-cgroup'> | null,
): Advice {
  if (difference === null) return severity === 'critical' ? MOVED_ADVICE : DESTROY_ADVICE.rep;
  const { rootMountPids, retry } = difference;
  if (rootMountPids === null)
    return ({ handle }) =>
      `Run ${TYPED_ON_CELL} explain ${handle}: this pass did not search for processes that left its cgroup.`;
  return rootMountPids.length > 0 ? MOVED_ADVICE : DESTROY_ADVICE[retry];
}

/** What may answer, or stop waiting, where nothing shows which of them it is. */
const END_ANY_WAIT =
  'bring the NFS or FUSE server back, umount -f the mount, or echo 1 >/sys/fs/fuse/connections/N/abort';

/** By what the container has mounted. */
export function stuckAdvice(difference: Difference<'stuck'> | null): Advice {
  const ends = (difference?.wait?.servers ?? []).map((server) =>
    server.kind === 'nfs'
      ? 'bring its NFS server back, or umount -f the mount'
      : `bring its FUSE server back, or echo 1 >/sys/fs/fuse/connections/${server.connection}/abort`,
  );
  return ({ remove }) =>
    `End what they wait for: ${ends.join('; ') || END_ANY_WAIT}. Then ${remove}. If nothing helps, only a reboot of the VM ends them: ${RECREATE}.`;
}

export const ESCAPED_ADVICE: Readonly<Record<Severity, Advice>> = {
  warning: () =>
    `Ask whoever ran that command; an operator's finding ends with the command. ${NOT_RECOGNISED}`,
  critical: ({ byExplain }) =>
    `Find out what moved the process${byExplain}. ${NOT_RECOGNISED} Moved on purpose: when convenient, ${RECREATE}.`,
};

export const LIMIT_ADVICE: Advice = () =>
  'Restart the app instance: its new container starts with its limits. It happens again as long as gdn throttles on cgroup v2.';

export const MOVED_ADVICE: Advice = ({ byExplain }) =>
  `Find out what moved its processes${byExplain}. ${NOT_RECOGNISED} Moved on purpose: restart the app instance.`;
