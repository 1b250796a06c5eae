import { expect } from 'chai';
import { isInPath } from '../../../tools/demo-cell/cell/requirements.ts';
import { ranPlugin } from '../../cf-plugin/standin/ran-plugin.ts';
import { cell, seriesOf, type StandInCell } from '../../cf-plugin/standin/fleet.ts';
import * as built from '../../present/agent-state-builder.ts';
import { skip } from '../../skip.ts';
import { Pipeline } from './stand-ins.ts';

const WITH_LOST = cell(1, { containers: built.containers(20, built.LOST) });

/** A pipeline whose cf answers as the plugin does beside a foundation of these cells. */
async function pipelineOf(...cells: readonly StandInCell[]): Promise<Pipeline> {
  const typed = [`--expect-cells=${cells.length}`, '--output=json'];
  const { stdout, code } = await ranPlugin({ series: seriesOf(...cells) }, typed);
  const pipeline = new Pipeline();
  const answer = pipeline.file('answer.json', stdout);
  return pipeline.has('cf', `cat '${answer}'; exit ${code}`);
}

describe('expect-cells.sh', () => {
  before(function () {
    if (!isInPath('jq')) skip(this, 'no jq in PATH');
  });

  it('is content if each cell reports and tracks all of its containers', async () => {
    const pipeline = await pipelineOf(cell(0), cell(1));
    const ran = await pipeline.start('expect-cells.sh', ['2']);
    expect(ran.stdout).to.equal('2 cells compared; untracked and known: 0');
    expect(ran.exitCode).to.equal(0);
    expect(pipeline.calls()).to.deep.equal(['cf rollcall-status --expect-cells 2 --output json']);
  });

  it('fails for a container that nobody knows, and names it', async () => {
    const pipeline = await pipelineOf(cell(0), WITH_LOST);
    const known = pipeline.file('known', '# nothing yet\n');
    const ran = await pipeline.start('expect-cells.sh', ['2', known]);
    expect(ran.stderr).to.equal(
      `diego_cell/${WITH_LOST.index}: ${built.LOST.handle} is untracked ` +
        '(unknown-to-garden, critical)',
    );
    expect(ran.exitCode).to.equal(1);
  });

  it('is content if all that is untracked is known', async () => {
    const pipeline = await pipelineOf(cell(0), WITH_LOST);
    const known = pipeline.file('known', `# known\n${built.LOST.handle}\tticket 17\n`);
    const ran = await pipeline.start('expect-cells.sh', ['2', known]);
    expect(ran.stdout).to.equal('2 cells compared; untracked and known: 1');
    expect(ran.exitCode).to.equal(0);
  });

  it('does not take the beginning of a handle for the handle', async () => {
    const pipeline = await pipelineOf(cell(0), WITH_LOST);
    const known = pipeline.file('known', `${built.LOST.handle.slice(0, -1)}\n`);
    expect((await pipeline.start('expect-cells.sh', ['2', known])).exitCode).to.equal(1);
  });

  it('fails if a cell does not name what is untracked', async () => {
    const pipeline = await pipelineOf(cell(0), { ...WITH_LOST, isNamed: false });
    const ran = await pipeline.start('expect-cells.sh', ['2']);
    expect(ran.stderr).to.match(/untracked/);
    expect(ran.exitCode).to.equal(1);
  });

  it('fails if a cell was not compared, although all that is untracked is known', async () => {
    const overdue = cell(0, { sampleAge: 100, passAge: 100 });
    const pipeline = await pipelineOf(overdue, WITH_LOST);
    const known = pipeline.file('known', `${built.LOST.handle}\n`);
    const ran = await pipeline.start('expect-cells.sh', ['2', known]);
    expect(ran.stderr).to.include('Not everything could be compared.');
    expect(ran.exitCode).to.equal(1);
  });

  it('fails if cf does not answer, or answers something else', async () => {
    for (const answer of ['exit 1', 'echo FAILED; exit 1', `echo '{"why": "Log in."}'; exit 1`]) {
      const ran = await new Pipeline().has('cf', answer).start('expect-cells.sh', ['2']);
      expect(ran.exitCode, answer).to.equal(1);
      expect(ran.stderr, answer).not.to.equal('');
    }
  });
});
