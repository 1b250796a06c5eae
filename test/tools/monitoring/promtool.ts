import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { skip } from '../../skip.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

export interface Said {
  readonly passes: boolean;
  readonly says: string;
}

/**
 * Runs `promtool test rules` on each text that is made, as many at a time as there are processors, because each
 * takes a second or more.
 * @returns an answer for each, in their order; null without promtool
 */
export function promtoolTests(texts: readonly (() => string)[]): readonly Promise<Said | null>[] {
  const slots = Array.from({ length: availableParallelism() }, () => Promise.resolve());
  return texts.map((textOf, index) => {
    const slot = index % slots.length;
    const said = (slots[slot] ?? Promise.resolve()).then(() => tested(textOf()));
    slots[slot] = said.then(
      () => undefined,
      () => undefined,
    );
    return said;
  });
}

/** Without garbage collection it needs 130 MB, and half the processor time. */
const GO = { GOGC: 'off', GOMEMLIMIT: '1GiB' };

const tested = (text: string): Promise<Said | null> =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, 'test.json');
    writeFileSync(file, text);
    const ran = await execa('promtool', ['test', 'rules', file], { env: GO, reject: false });
    if (ran.failed && ran.code === 'ENOENT') return null;
    return { passes: !ran.failed, says: `${ran.stdout}${ran.stderr}` };
  });

/** The output of promtool, and whether it succeeded. */
export function promtool(context: Mocha.Context, ...args: readonly string[]): Said {
  const { failed, code, stdout, stderr } = execaSync('promtool', args, { reject: false });
  if (failed && code === 'ENOENT') skip(context, 'no promtool (Debian: prometheus)');
  return { passes: !failed, says: `${stdout}${stderr}` };
}
