import type { Difference, Reason, Severity } from '../../model/finding.ts';
import type { ContainerKind } from '../../model/garden.ts';

/** Nobody keeps more in mind. */
export const MAX_STEPS = 6;

/** What may stand in a command: plain names, or a word in capitals where there is none. */
export interface Names {
  /** Null: the handle is more than a name. */
  readonly handle: string | null;
  readonly app: string;
  readonly instance: string;
  readonly space: string;
  readonly org: string;
  readonly deployment: string;
  /** `diego_cell/0`. */
  readonly cell: string;
}

/** What the texts of an advice depend on. */
export interface About<R extends Reason = Reason> {
  readonly severity: Severity;
  /** Null: it is not known, as in an alert. */
  readonly kind: ContainerKind | null;
  /** Null: this pass did not see it, or nobody knows it, as in an alert. */
  readonly difference: Difference<R> | null;
  readonly names: Names;
  /** Processes of the container. */
  readonly pids: readonly number[];
  /** For `explain`, which says whose it is; null elsewhere. */
  readonly explained: AboutExplained | null;
}

interface AboutExplained {
  /** Finds out more about whose it is; null: nothing does. */
  readonly command: string | null;
  /** What to type for each other container of the cell that has a finding. */
  readonly otherFindings: readonly string[];
}

/** A text, or one that depends on the container. `{name}` is the number of the step of that name. */
type Text<R extends Reason> = string | ((about: About<R>) => string);

/** One action. */
export interface Step<R extends Reason = Reason> {
  readonly name: string;
  /** Whether this container needs it; absent: each does. */
  readonly when?: (about: About<R>) => boolean;
  /** A sentence. */
  readonly action: Text<R>;
  /** Ready to paste; null: this container has none. */
  readonly command?: string | ((about: About<R>) => string | null);
  /** What its result decides. */
  readonly result?: Text<R>;
  /** It destroys the evidence of every container of the cell. */
  readonly recreatesCell?: true;
}

/** What to do about the containers of a reason for which `when` holds. */
export interface Case<R extends Reason = Reason> {
  /** For the runbook: `If …`; empty: all of them. Null: it has no section, because only a pass is like this. */
  readonly title: string | null;
  readonly when: (about: About<R>) => boolean;
  /** The only severity for which it holds; absent: it holds for each. */
  readonly severity?: Severity;
  /** How urgent it is, and whether Diego mends it by itself. */
  readonly urgency: Text<R>;
  /** In the order in which they are done. */
  readonly steps: readonly Step<R>[];
}

export const textOf = <R extends Reason, T extends string | null>(
  text: string | ((about: About<R>) => T),
  about: About<R>,
): string | T => (typeof text === 'string' ? text : text(about));

/** Whether it is an app as far as anybody knows. */
export const isApp = ({ kind }: Pick<About, 'kind'>): boolean =>
  kind === 'app-instance' || kind === null;
