import type { CellWarning, WarningReason } from '../model/cell-warning.ts';
import type { DestroyEvidence } from '../model/destroy.ts';
import type { ByteString } from '../model/ids.ts';
import { oneLine, textOfBytes } from '../model/text.ts';
import { elapsedText, ONLY_ROOT_SEES, waitSentences } from './destroy-sentences.ts';
import { exceededText } from './reason-sentences.ts';
import { plural } from './quantities.ts';

type Warning<R extends WarningReason> = Extract<CellWarning, { readonly reason: R }>;

interface WarningText<R extends WarningReason> {
  /** What is wrong, and what it means. */
  readonly sentence: (warning: Warning<R>) => string;
  /** For the end of the verdict. */
  readonly clause: (warning: Warning<R>) => string;
  /** When the log reports its end. */
  readonly end: string;
}

const runOr = (containers: number): string => (containers === 1 ? 'runs' : 'run');

/** What keeps gdn from finishing a container. */
function unfinishedBy(evidence: DestroyEvidence | null): string {
  if (evidence === null) return 'rollcall does not know yet what gdn waits for.';
  const waiting = waitSentences(evidence);
  if (waiting.length > 0) return waiting.join(' ');
  return evidence.pipesRead
    ? 'No process below gdn names the container, and no other process holds a pipe that gdn reads. So gdn itself waits.'
    : `No process below gdn names the container. ${ONLY_ROOT_SEES}`;
}

const HANGING_COMMANDS =
  'The kernel did not deliver the command lines of two processes within 1 s. This rollcall reads no ' +
  'more command lines of processes like these, so findings lack them.';

const hangingFile = (file: ByteString): string =>
  `A read of ${oneLine(textOfBytes(file), 256)} hangs in the kernel. A program that decides about opens there ` +
  '(fanotify) can cause this. Until the read returns, rollcall reads no cgroup and compares nothing.';

/** What each warning about a cell says. */
const WARNING_TEXTS: { readonly [R in WarningReason]: WarningText<R> } = {
  'limit-lost': {
    sentence: ({ containers, worst, holds, limits }) => {
      const one = containers === 1;
      const handle = oneLine(worst, 256);
      return (
        `${plural(containers, 'throttled container')} ${one ? 'runs without its' : 'run without their'} limits ` +
        `(${limits.join(', ')}), ` +
        `because gdn moved ${one ? 'it' : 'them'} to ${one ? 'a cgroup that has' : 'cgroups that have'} none. ` +
        (holds === null
          ? `${one ? 'The container is' : 'One of these containers is'} ${handle}.`
          : `${handle} uses ${exceededText(holds)}.`)
      );
    },
    clause: ({ containers }) =>
      `${plural(containers, 'throttled container')} ${runOr(containers)} without limits`,
    end: 'No container has run without its limits for 10 min.',
  },
  'no-rep': {
    sentence: ({ containers }) => {
      const one = containers === 1;
      return (
        'No rep has run on this cell for a minute, although one ran before. ' +
        `${plural(containers, 'container')} of apps and tasks still ${runOr(containers)}. ` +
        `If rep died, Diego starts ${one ? 'this app' : 'these apps'} on other cells within a minute: ` +
        `${one ? 'it runs' : 'they run'} twice. Otherwise somebody stopped the job.`
      );
    },
    clause: ({ containers }) =>
      `no rep runs, but ${plural(containers, 'container')} of apps and tasks ${containers === 1 ? 'does' : 'do'}`,
    end: 'rep runs again, or no app or task does.',
  },
  unfinished: {
    sentence: ({ containers, worst, startedAt, seenAt, evidence }) => {
      const one = containers === 1;
      return (
        `Garden has been creating ${plural(containers, 'container')} for ${one ? '' : 'up to '}` +
        `${elapsedText(startedAt, seenAt)}: ${oneLine(worst, 256)}${one ? '' : ' and others'}. ` +
        `Only ${one ? 'the init process (garden-init) of this container runs' : 'the init processes (garden-init) of these containers run'}. ` +
        (one ? '' : 'For the first one: ') +
        unfinishedBy(evidence)
      );
    },
    clause: ({ containers }) =>
      `${plural(containers, 'container')} ${containers === 1 ? 'is' : 'are'} not finished`,
    end: 'Garden creates no container for minutes any more.',
  },
  'no-owner': {
    sentence: ({ containers, worst }) => {
      const one = containers === 1;
      return (
        `${plural(containers, 'container')} ${one ? 'was' : 'were'} made through Garden's socket without an owner: ` +
        `${oneLine(worst, 256)}${one ? '' : ' and others'}. ` +
        `Diego does not know ${one ? 'this container, and never removes it' : 'these containers, and never removes them'}.`
      );
    },
    clause: ({ containers }) =>
      `${plural(containers, 'container')} ${containers === 1 ? 'has' : 'have'} no owner`,
    end: 'Every container has an owner again.',
  },
  unpoliced: {
    sentence: ({ containers, worst }) => {
      const one = containers === 1;
      return (
        `${plural(containers, 'app container')} ${one ? 'has' : 'have'} an address and ${one ? 'is' : 'are'} ` +
        `missing from silk's policy store: ${oneLine(worst, 256)}${one ? '' : ' and others'}. ` +
        `After a restart of vxlan-policy-agent, ${one ? 'this container may run without its' : 'these containers may run without their'} ` +
        `security groups. Restart ${one ? 'the instance' : 'the instances'} before that.`
      );
    },
    clause: ({ containers }) =>
      `${plural(containers, 'app container')} ${containers === 1 ? 'has' : 'have'} no entry in the policy store`,
    end: 'No app container has been missing from the policy store for 10 min.',
  },
  'hanging-reads': {
    sentence: ({ file }) => (file === null ? HANGING_COMMANDS : hangingFile(file)),
    clause: ({ file }) =>
      file === null ? 'command lines cannot be read' : 'a read of a file hangs in the kernel',
    end: 'Such reads return again.',
  },
  'renamed-cgroups': {
    sentence: () =>
      'A cgroup outside the containers is renamed faster than it can be read. rollcall ' +
      'reports processes of a container in that cgroup as escaped, and sees no other processes there.',
    clause: () => 'a cgroup is renamed faster than it can be read',
    end: 'Every cgroup could be read for 10 min.',
  },
  'too-many-cgroups': {
    sentence: () =>
      'A Garden directory has more cgroups than one pass reads. rollcall compares the containers that Garden lists ' +
      'or that an earlier pass saw. Each pass reads another part of the other cgroups.',
    clause: () =>
      'a Garden directory has more cgroups than one pass reads, so other containers may run there',
    end: 'Every cgroup in the Garden directories is read again.',
  },
  'too-many-names': {
    sentence: () =>
      'More processes outside the containers are called gdn, rep or like a sensor than one pass reads. ' +
      'rollcall reads those that it finds first; another gdn may run among the others.',
    clause: () =>
      'more processes are called gdn, rep or like a sensor than one pass reads, so another gdn may run',
    end: 'Every process with such a name is read again.',
  },
  'cut-sweep': {
    sentence: ({ processes, filledBy }) =>
      'More processes look as if they had left their containers than one pass lists. ' +
      `${plural(processes, 'process', 'processes')} ${processes === 1 ? 'is' : 'are'} left out, ` +
      (filledBy === null
        ? 'most of them outside every container. '
        : `most of them in the cgroup of ${oneLine(filledBy, 256)}. `) +
      'Other processes that escaped may be among them.',
    clause: ({ filledBy }) =>
      'not every process that may have escaped is listed' +
      (filledBy === null ? '' : `, because ${oneLine(filledBy, 256)} has too many`),
    end: 'Every process that may have escaped is listed again.',
  },
};

/** The texts of a warning's reason, whose other fields the reason decides. */
const textsOf = <R extends WarningReason>(reason: R): WarningText<R> => WARNING_TEXTS[reason];

/** A warning about the cell, which no container's sentence contains. */
export const warningSentence = <R extends WarningReason>(warning: Warning<R>): string =>
  textsOf(warning.reason).sentence(warning);

/** The warnings in a few words, behind a verdict; empty if there are none. */
export const warningsSentence = (warnings: readonly CellWarning[]): string =>
  warnings.length === 0
    ? ''
    : ` ${warnings.length === 1 ? 'Warning' : 'Warnings'}: ${warnings.map(clauseOf).join('; ')}.`;

const clauseOf = <R extends WarningReason>(warning: Warning<R>): string =>
  textsOf(warning.reason).clause(warning);

/** When the log reports its end. */
export const warningEnd = (reason: WarningReason): string => WARNING_TEXTS[reason].end;
