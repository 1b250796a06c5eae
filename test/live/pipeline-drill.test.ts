import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { Pipeline } from '../tools/pipelines/stand-ins.ts';
import { cellFor } from './cells.ts';
import { startPrometheus, whyNoPrometheus } from './monitoring-servers.ts';
import { rollcall } from './rollcall.ts';
import { startAgent, STATUS_SOCKET } from './running-agent.ts';

const NO_ALERTMANAGER = 'http://127.0.0.1:1';

describe('the pipeline that drills a cell', () => {
  it('finds the drill of a real agent in a real Prometheus, and leaves none', async function () {
    const obstacle = whyNoPrometheus();
    if (obstacle !== null) skip(this, obstacle);
    const cell = await cellFor(this, {});
    const agent = await startAgent(cell);
    await agent.until('mounts.chosen');
    const prometheus = await startPrometheus({
      folder: temporaryFolder(),
      job: 'rollcall',
      targets: [{ address: `127.0.0.1:${agent.port}`, labels: {} }],
      ruleFiles: [],
      alertmanager: NO_ALERTMANAGER,
      intervalSeconds: 1,
    });
    atEndOfTest(prometheus.stop);
    const pipeline = new Pipeline().has('bosh', ...boshInto(cell));

    const ran = await pipeline.start('drill-cell.sh', ['cf', 'diego_cell/0', prometheus.url]);
    expect(ran.stdout).to.match(/^diego_cell\/0: drill-[0-9a-f]{8} arrived in http/);
    expect(ran.exitCode).to.equal(0);
    expect(agent.timeline().join('\n')).to.match(/container\.untracked drill-/);
    const again = await rollcall(cell, ['drill', '--undo', '--status-socket', STATUS_SOCKET]);
    expect(again.exitCode, 'no drill is left to end').to.equal(2);
  });
});

/** A bosh that runs its last argument on this cell, with its rollcall and without sudo. */
function boshInto({ enter }: Cell): readonly string[] {
  const program = [...enter, process.execPath, PROGRAM].map((word) => `'${word}'`).join(' ');
  return [
    'for command; do :; done',
    // Its words hold no blanks.
    `exec ${program} \${command#sudo /var/vcap/jobs/rollcall/bin/rollcall } --status-socket ${STATUS_SOCKET}`,
  ];
}
