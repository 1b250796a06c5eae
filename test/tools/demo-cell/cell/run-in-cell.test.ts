import { expect } from 'chai';
import { runInCell } from '../../../../tools/demo-cell/cell/cell.ts';
import { messageOf } from '../../../../src/model/failure.ts';

/** As in a cell that needs nothing to be entered. */
const run = (...command: readonly string[]) => runInCell({ enter: ['env'] }, command);

describe('a command in a cell', () => {
  it('ends with its exit code', async () => {
    const ran = await run('sh', '-c', 'echo said; echo complained >&2; exit 2');
    expect(ran).to.deep.equal({ stdout: 'said\n', stderr: 'complained\n', exitCode: 2 });
  });

  it('has none if a signal ends it: that is said, and not taken for one', async () => {
    const failure = await run('sh', '-c', 'kill -9 $$').catch(messageOf);
    expect(failure).to.equal('sh -c kill -9 $$: SIGKILL');
  });

  it('has none if it cannot be started', async () => {
    const failure = await runInCell({ enter: ['/nowhere/nsenter'] }, ['true']).catch(messageOf);
    expect(failure).to.equal('true: ENOENT');
  });
});
