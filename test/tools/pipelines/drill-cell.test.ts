import { expect } from 'chai';
import { waitFor } from '../../wait-for.ts';
import { Pipeline } from './stand-ins.ts';

const CELL = 'diego_cell/3c6ef362-7f6a-4f07-9a10-000000000002';
const DRILL = 'sudo /var/vcap/jobs/rollcall/bin/rollcall drill';
const START = `bosh -n -d cf ssh ${CELL} -c ${DRILL} --for 1s --wait`;
const END = `bosh -n -d cf ssh ${CELL} -c ${DRILL} --undo`;
/** As `bosh ssh` prints what a command on the cell prints. */
const STARTED = `echo '${CELL}: stdout | Drill drill-0123abcd runs until 2026-03-02T10:26:45Z.'`;
const ONE_SECOND = { DRILL_SECONDS: '1' };

describe('drill-cell.sh', () => {
  it('is content if Prometheus has the drill, and ends it', async () => {
    const pipeline = new Pipeline()
      .has('bosh', STARTED)
      .has('curl', `echo '{"metric":{"handle":"drill-0123abcd"}}'`);
    const ran = await pipeline.start(
      'drill-cell.sh',
      ['cf', CELL, 'http://prometheus'],
      ONE_SECOND,
    );
    expect(ran.stdout).to.equal(`${CELL}: drill-0123abcd arrived in http://prometheus`);
    expect(ran.exitCode).to.equal(0);
    const calls = pipeline.calls();
    expect([calls.at(0), calls.at(-1)]).to.deep.equal([START, END]);
  });

  it('is content if Log Cache has the drill, which the plugin answers with 1', async () => {
    const pipeline = new Pipeline()
      .has('bosh', STARTED)
      .has('cf', `echo '{"untracked":[{"handle": "drill-0123abcd"}]}'; exit 1`);
    const ran = await pipeline.start('drill-cell.sh', ['cf', CELL], ONE_SECOND);
    expect(ran.exitCode).to.equal(0);
    expect(pipeline.calls()[1]).to.equal(
      'cf rollcall-status --cell 3c6ef362-7f6a-4f07-9a10-000000000002 --output json',
    );
    expect(pipeline.calls().at(-1)).to.equal(END);
  });

  it('fails if the drill was not scraped, and still ends it', async () => {
    const pipeline = new Pipeline().has(
      'bosh',
      'case "$*" in *--undo) exit 0 ;; esac',
      STARTED,
      `echo '${CELL}: stdout | 2026-03-02T10:26:44Z not scraped'; exit 1`,
    );
    const ran = await pipeline.start(
      'drill-cell.sh',
      ['cf', CELL, 'http://prometheus'],
      ONE_SECOND,
    );
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr).to.include('not scraped').and.to.include('the drill was not scraped');
    expect(pipeline.calls()).to.deep.equal([START, END]);
  });

  it('fails if only another drill arrives, and still ends its own', async () => {
    const pipeline = new Pipeline()
      .has('bosh', STARTED)
      .has('curl', `echo '{"metric":{"handle":"drill-99999999"}}'`);
    const ran = await pipeline.start(
      'drill-cell.sh',
      ['cf', CELL, 'http://prometheus'],
      ONE_SECOND,
    );
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr).to.include('drill-0123abcd was scraped, but has not arrived');
    expect(pipeline.calls().at(-1)).to.equal(END);
  });

  it('ends the drill if the pipeline is aborted while it waits', async () => {
    const pipeline = new Pipeline().has(
      'bosh',
      'case "$*" in *--undo) exit 0 ;; esac',
      'exec sleep 60',
    );
    const running = pipeline.start('drill-cell.sh', ['cf', CELL, 'http://prometheus']);
    await waitFor('the drill to start', () => {
      try {
        return pipeline.calls().length === 1;
      } catch {
        return false;
      }
    });
    running.kill('SIGTERM');
    expect((await running).exitCode).to.equal(1);
    expect(pipeline.calls().at(-1)).to.equal(END);
  });

  it('says what it needs', async () => {
    const ran = await new Pipeline().start('drill-cell.sh', ['cf']);
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr).to.match(/^usage: .*drill-cell\.sh DEPLOYMENT GROUP\/INDEX \[PROMETHEUS\]$/);
  });
});
