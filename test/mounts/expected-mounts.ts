import { expect } from 'chai';
import {
  controllerNames,
  type CgroupNamespace,
  type ControllerName,
  type MountChoice,
} from '../../src/model/hierarchy.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { chooseMounts, type MountsAnswer } from '../../src/mounts/choose-mounts.ts';
import { readTable } from './recorded-tables.ts';

export const verify = (table: MountTable, namespace: CgroupNamespace): MountsAnswer =>
  chooseMounts({ table, namespace, live: null, rule: 'verified' });

export const choiceOf = (
  { choices }: MountsAnswer,
  name: ControllerName,
): MountChoice | undefined =>
  choices.find(({ hierarchy }) => controllerNames(hierarchy).includes(name));

/** The mount points that show all of a hierarchy, the chosen one first; none if none was chosen. */
export function goodPaths(answer: MountsAnswer, name: ControllerName): string[] {
  const choice = choiceOf(answer, name);
  if (choice === undefined || choice.chosen === null) return [];
  return choice.candidates
    .filter(({ verdict }) => verdict === 'chosen' || verdict === 'equivalent')
    .map(({ mount }) => textOfBytes(mount.mountPoint));
}

export interface ExpectedMounts {
  readonly file: string;
  readonly cgroupNamespace: CgroupNamespace;
  readonly expect: Readonly<Record<ControllerName, readonly string[]>>;
}

/**
 * Checks one table; what must hold for all: a choice is explained, and one without a mount has
 * null.
 */
export function checkExpected(folder: string, expected: ExpectedMounts): MountsAnswer {
  const answer = verify(readTable(folder, expected.file), expected.cgroupNamespace);
  for (const [name, paths] of Object.entries(expected.expect)) {
    expect(goodPaths(answer, name), name).to.deep.equal(paths);
  }
  for (const { chosen, confirmed, why, candidates, openedAt } of answer.choices) {
    expect(confirmed).to.equal(null);
    expect(openedAt).to.equal(null);
    expect(why).to.match(/^[A-Z].*\.$/s);
    expect(candidates.filter(({ verdict }) => verdict === 'chosen')).to.have.length(
      chosen === null ? 0 : 1,
    );
  }
  return answer;
}
