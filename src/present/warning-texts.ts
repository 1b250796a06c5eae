import type { CellWarning, WarningReason } from '../model/cell-warning.ts';
import type { DestroyEvidence } from '../model/destroy.ts';
import { oneLine, textOfBytes } from '../model/text.ts';
import { elapsedText, ONLY_ROOT_SEES, waitSentences } from './destroy-sentences.ts';
import { exceededText } from './reason-sentences.ts';
import { plural } from './quantities.ts';

type Warning<R extends WarningReason> = Extract<CellWarning, { readonly reason: R }>;

interface WarningText<R extends WarningReason> {
  /** What is wrong, in one sentence: the end of the verdict, and the beginning of the whole text. */
  readonly what: (warning: Warning<R>) => string;
  /** What it means, and what to do. */
  readonly means: (warning: Warning<R>) => string;
  /** When the log reports its end. */
  readonly end: string;
}

/** The first handle of several. */
const firstOf = (containers: number, worst: string): string =>
  `${oneLine(worst, 256)}${containers === 1 ? '' : ' and others'}`;

/** What keeps gdn from finishing a container. */
function unfinishedBy(evidence: DestroyEvidence | null): string {
  if (evidence === null) return 'rollcall does not know yet what gdn waits for.';
  const waiting = waitSentences(evidence);
  if (waiting.length > 0) return waiting.join(' ');
  return evidence.pipesRead
    ? 'No process below gdn names the container, and no other process holds a pipe that gdn reads. So gdn itself waits.'
    : `No process below gdn names the container. ${ONLY_ROOT_SEES}`;
}

/** What each warning about a cell says. */
const WARNING_TEXTS: { readonly [R in WarningReason]: WarningText<R> } = {
  'limit-lost': {
    what: ({ containers, limits }) =>
      `${plural(containers, 'throttled container runs without its', 'throttled containers run without their')} ` +
      `limits (${limits.join(', ')}), because gdn moved ${containers === 1 ? 'it to a cgroup that has' : 'them to cgroups that have'} none.`,
    means({ containers, worst, holds }) {
      const handle = oneLine(worst, 256);
      if (holds !== null) return `${handle} uses ${exceededText(holds)}.`;
      return `${containers === 1 ? 'The container is' : 'One of these containers is'} ${handle}.`;
    },
    end: 'No container has run without its limits for 10 min.',
  },
  'no-rep': {
    what: ({ containers }) =>
      'No rep has run on this cell for a minute, although one ran before, and ' +
      `${plural(containers, 'container of an app or a task still runs', 'containers of apps and tasks still run')}.`,
    means: ({ containers }) =>
      `If rep died, Diego starts ${containers === 1 ? 'this app on another cell within a minute: it runs' : 'these apps on other cells within a minute: they run'} ` +
      'twice. Otherwise somebody stopped the job.',
    end: 'rep runs again, or no app or task does.',
  },
  unfinished: {
    what: ({ containers, worst, startedAt, seenAt }) =>
      `Garden has been creating ${plural(containers, 'container')} for ${containers === 1 ? '' : 'up to '}` +
      `${elapsedText(startedAt, seenAt)}: ${firstOf(containers, worst)}.`,
    means: ({ containers, evidence }) =>
      (containers === 1
        ? 'Only the init process (garden-init) of this container runs. '
        : 'Only the init processes (garden-init) of these containers run. For the first one: ') +
      unfinishedBy(evidence),
    end: 'Garden creates no container for minutes any more.',
  },
  'no-owner': {
    what: ({ containers, worst }) =>
      `${plural(containers, 'container was', 'containers were')} made through Garden's socket without an owner: ` +
      `${firstOf(containers, worst)}.`,
    means: ({ containers }) =>
      `Diego does not know ${containers === 1 ? 'this container, and never removes it' : 'these containers, and never removes them'}.`,
    end: 'Every container has an owner again.',
  },
  unpoliced: {
    what: ({ containers, worst }) =>
      `${plural(containers, 'app container has an address and is', 'app containers have an address and are')} ` +
      `missing from silk's policy store: ${firstOf(containers, worst)}.`,
    means: ({ containers }) =>
      'After a restart of vxlan-policy-agent, ' +
      `${containers === 1 ? 'this container may run without its' : 'these containers may run without their'} ` +
      `security groups. Restart the ${containers === 1 ? 'instance' : 'instances'} before that.`,
    end: 'No app container has been missing from the policy store for 10 min.',
  },
  'hanging-reads': {
    what: ({ file }) =>
      file === null
        ? 'The kernel did not deliver the command lines of two processes within 1 s.'
        : `A read of ${oneLine(textOfBytes(file), 256)} hangs in the kernel.`,
    means: ({ file }) =>
      file === null
        ? 'This rollcall reads no more command lines of processes like these, so findings lack them.'
        : 'A program that decides about opens there (fanotify) can cause this. Until the read returns, rollcall ' +
          'reads no cgroup and compares nothing.',
    end: 'Such reads return again.',
  },
  'renamed-cgroups': {
    what: () => 'A cgroup outside the containers is renamed faster than it can be read.',
    means: () =>
      'rollcall reports processes of a container in that cgroup as escaped, and sees no other processes there.',
    end: 'Every cgroup could be read for 10 min.',
  },
  'too-many-cgroups': {
    what: () =>
      'A Garden directory has more cgroups than one pass reads, so other containers may run there.',
    means: () =>
      'rollcall compares the containers that Garden lists or that an earlier pass saw. Each pass reads another ' +
      'part of the other cgroups.',
    end: 'Every cgroup in the Garden directories is read again.',
  },
  'too-many-names': {
    what: () =>
      'More processes outside the containers are called gdn, rep or like a sensor than one pass reads.',
    means: () => 'rollcall reads those that it finds first; another gdn may run among the others.',
    end: 'Every process with such a name is read again.',
  },
  'cut-sweep': {
    what: ({ processes, filledBy }) =>
      'More processes look as if they had left their containers than one pass lists: ' +
      `${plural(processes, 'process is', 'processes are')} left out, most of them ` +
      (filledBy === null
        ? 'outside every container.'
        : `in the cgroup of ${oneLine(filledBy, 256)}.`),
    means: () => 'Other processes that escaped may be among them.',
    end: 'Every process that may have escaped is listed again.',
  },
};

/** The texts of a warning's reason, whose other fields the reason decides. */
const textsOf = <R extends WarningReason>(reason: R): WarningText<R> => WARNING_TEXTS[reason];

/** A warning about the cell, which no container's sentence contains. */
export const warningSentence = <R extends WarningReason>(warning: Warning<R>): string =>
  `${whatOf(warning)} ${textsOf(warning.reason).means(warning)}`;

/** What is wrong, behind a verdict; empty if there are no warnings. */
export const warningsSentence = (warnings: readonly CellWarning[]): string =>
  warnings.length === 0
    ? ''
    : ` ${warnings.length === 1 ? 'Warning' : 'Warnings'}: ${warnings.map(whatOf).join(' ')}`;

const whatOf = <R extends WarningReason>(warning: Warning<R>): string =>
  textsOf(warning.reason).what(warning);

/** When the log reports its end. */
export const warningEnd = (reason: WarningReason): string => WARNING_TEXTS[reason].end;
