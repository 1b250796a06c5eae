import type {
  CgroupMode,
  CgroupNamespace,
  ControllerName,
  MountChoice,
  Rule,
} from './hierarchy.ts';
import type { MalformedLine, Mount } from './mount.ts';

/** How a rule's answer stands to the verified choice of the same hierarchy. */
export type Score =
  /** The mount that was chosen, or rightly none. */
  | 'right'
  /** Another mount that shows the same. */
  | 'equivalent'
  /** Not a mount that shows the root of this hierarchy, although there is one. */
  | 'wrong'
  /** A mount, although none shows the root. */
  | 'false'
  /** None, although a mount shows the root. */
  | 'missed';

export interface RulePick {
  readonly mount: Mount | null;
  /** Null where the rule cannot be asked: it needs inodes and only a text is there, or roots that the format lacks. */
  readonly score: Score | null;
}

/** What every rule takes, per controller, `name=X` or v2. */
export type RuleComparison = ReadonlyMap<Rule, ReadonlyMap<ControllerName, RulePick>>;

/** What `rollcall mounts` tells. */
export interface MountsReport {
  /** The file that held the table. */
  readonly source: string;
  readonly rule: Rule;
  readonly namespace: CgroupNamespace;
  /** A text came without its namespace: it was taken from the roots in it. */
  readonly namespaceAssumed: boolean;
  readonly mode: CgroupMode;
  readonly malformed: readonly MalformedLine[];
  readonly choices: readonly MountChoice[];
  readonly comparison: RuleComparison | null;
}
