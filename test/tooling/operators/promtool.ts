import { execaSync } from 'execa';
import { skip } from '../../skip.ts';

/** Everything that promtool says, and whether it is content. */
export function promtool(
  context: Mocha.Context,
  ...args: readonly string[]
): { readonly passes: boolean; readonly says: string } {
  const { failed, code, stdout, stderr } = execaSync('promtool', args, { reject: false });
  if (failed && code === 'ENOENT') skip(context, 'no promtool (Debian: prometheus)');
  return { passes: !failed, says: `${stdout}${stderr}` };
}
