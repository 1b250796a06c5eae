import { expect } from 'chai';
import { instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { GARDEN_HOME } from '../../src/demo-cell/gdn/config.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { lendingCells } from './cells.ts';
import { RunningAgent } from './running-agent.ts';

/** Where the agent sees Garden's directory. A mount on the directory itself would go with it. */
const VIEW = '/var/vcap/data/agent/garden';
/** As bpm shows it: a bind mount in a mount namespace of its own. */
const BEHIND_MOUNT = [
  'unshare',
  '--mount',
  '--propagation=private',
  'sh',
  '-c',
  `mount --bind ${GARDEN_HOME} ${VIEW}; exec "$@"`,
  'sh',
];
/** The root of a mount in mountinfo(5), before and after its directory was made anew. */
const ROOTS = `mkdir /tmp/real /tmp/view && mount --bind /tmp/real /tmp/view
root() { awk '$5 == "/tmp/view" { print $4 }' /proc/self/mountinfo; }
root; rmdir /tmp/real && mkdir /tmp/real && root`;
/** The containers stay known, as with a directory that a person made anew. */
const MAKE_ANEW = `cp -a ${GARDEN_HOME} ${GARDEN_HOME}.new && rm -r ${GARDEN_HOME} && rm -f ${GARDEN_HOME}.new/*.sock && mv ${GARDEN_HOME}.new ${GARDEN_HOME}`;

describe("Garden's directory made anew behind the mount that shows it", () => {
  const cellFor = lendingCells();

  it('ends the agent with exit 3, once; the next one sees Garden', async function () {
    // With a tag the cell has a /tmp of its own, where the agent has its files.
    const cell = await cellFor(this, { tag: 'ab' });
    await cell.create({ handle: instanceHandle('a'), kind: 'app' });
    const agent = new RunningAgent(cell, BEHIND_MOUNT);
    atEndOfTest(() => agent.endIfRunning());
    // The text of the kernel that the decision rests on.
    const { stdout } = await agent.run(['unshare', '--mount', 'sh', '-c', ROOTS]);
    expect(stdout).to.match(/^\S*\/real\n\S*\/real\/\/deleted\n$/);
    await agent.run(['mkdir', '-p', VIEW]);
    await agent.prepare({ garden: { socketPath: `${VIEW}/garden.sock`, timeoutSeconds: 8 } });
    const makeAnew = async (): Promise<void> => {
      await cell.garden.stop();
      const { exitCode, stderr } = await agent.run(['sh', '-c', MAKE_ANEW]);
      expect(exitCode, stderr).to.equal(0);
      await cell.garden.start();
    };
    agent.start();
    await agent.until('mounts.chosen');
    await makeAnew();
    expect(await agent.untilEnd()).to.equal(3);
    const { message, level, data } = agent.parsed().at(-3) ?? {};
    expect({ message, level }).to.deep.equal({
      message: 'rollcall.garden.directory-removed',
      level: 'error',
    });
    expect(data).to.include({ code: 'GARDEN_DIRECTORY_REMOVED' });
    expect(agent.timeline().at(-1)).to.equal('stopping');

    agent.start();
    await agent.until('garden.available');
    expect(agent.timeline().filter((one) => /untracked|gone/.test(one))).to.deep.equal([]);

    // Once more within ten minutes: it says that Garden is away, and stays.
    await makeAnew();
    await agent.until('garden.unavailable', 2);
    await agent.afterPass();
    await agent.afterPass();
    expect(agent.timeline().filter((one) => one === 'garden.directory-removed')).to.have.length(1);
    expect(await agent.end('TERM')).to.equal(0);
  });
});
