import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa, execaSync } from 'execa';
import { skip } from '../../skip.ts';

export const NO_PROMTOOL = 'no promtool (Debian: prometheus)';

export interface Said {
  readonly passes: boolean;
  readonly says: string;
}

/** With less garbage collection it needs 300 MB, and two thirds of the processor time. */
const GO = { GOGC: '400' };

/**
 * What `promtool test rules` says of this text; null without promtool. It outlives the test that
 * runs when it begins.
 */
export const promtoolTest = async (text: string): Promise<Said | null> => {
  const file = join(mkdtempSync(join(tmpdir(), 'rollcall-')), 'test.json');
  writeFileSync(file, text);
  const ran = await execa('promtool', ['test', 'rules', file], { env: GO, reject: false });
  rmSync(dirname(file), { recursive: true });
  if (ran.failed && ran.code === 'ENOENT') return null;
  return { passes: !ran.failed, says: `${ran.stdout}${ran.stderr}` };
};

/**
 * What promtool says of the test with this title; everything if it did not get as far as the tests.
 * It prints no name beside an expression, which needs the title as a comment.
 */
export function failureOf(title: string, { passes, says }: Said): string {
  const [, ...failures] = says.split(/^ {4}(?=(?:name|expr): )/m);
  if (passes || failures.length === 0) return passes ? '' : says;
  return failures.filter((one) => one.includes(title)).join('');
}

/** The output of promtool, and whether it succeeded. */
export function promtool(context: Mocha.Context, ...args: readonly string[]): Said {
  const { failed, code, stdout, stderr } = execaSync('promtool', args, { reject: false });
  if (failed && code === 'ENOENT') skip(context, NO_PROMTOOL);
  return { passes: !failed, says: `${stdout}${stderr}` };
}
