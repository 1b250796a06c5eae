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
 * `promtool test rules` for many texts: begun together, as many at a time as there are processors, because each takes a second or
 * more. An answer for each, in their order; null where there is no promtool.
 */
export function promtoolTests(texts: readonly string[]): readonly Promise<Said | null>[] {
  const slots = Array.from({ length: availableParallelism() }, () => Promise.resolve());
  return texts.map((text, index) => {
    const slot = index % slots.length;
    const said = (slots[slot] ?? Promise.resolve()).then(() => tested(text));
    slots[slot] = said.then(
      () => undefined,
      () => undefined,
    );
    return said;
  });
}

/** It needs 130 MB without collecting garbage, and half the processor time. */
const GO = { GOGC: 'off', GOMEMLIMIT: '1GiB' };

const tested = (text: string): Promise<Said | null> =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, 'test.json');
    writeFileSync(file, text);
    const ran = await execa('promtool', ['test', 'rules', file], { env: GO, reject: false });
    if (ran.failed && ran.code === 'ENOENT') return null;
    return { passes: !ran.failed, says: `${ran.stdout}${ran.stderr}` };
  });

/** Everything that promtool says, and whether it is content. */
export function promtool(context: Mocha.Context, ...args: readonly string[]): Said {
  const { failed, code, stdout, stderr } = execaSync('promtool', args, { reject: false });
  if (failed && code === 'ENOENT') skip(context, 'no promtool (Debian: prometheus)');
  return { passes: !failed, says: `${stdout}${stderr}` };
}
