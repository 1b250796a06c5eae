import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { cellFor } from './cells.ts';
import { typed } from '../cli/rollcall.ts';
import { explain, rollcall, type ExplainJson } from './rollcall.ts';
import { startAgent, STATUS_SOCKET } from './running-agent.ts';

const A = '8a37cb6f-385b-4dd3-732c-34d6';
const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';
const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const OUTSIDE = `Ünï "quoted" \u001b[31m`;
const FOLDER = '/var/vcap/data';

async function furnish(cell: Cell): Promise<void> {
  await cell.create({ handle: A, kind: 'app', peas: ['envoy', 'liveness-healthcheck'] });
  await cell.create({ handle: PRIVILEGED, kind: 'app', privileged: true, peas: ['envoy'] });
  await cell.create({ handle: TASK, kind: 'task' });
  await cell.create({ handle: OUTSIDE, kind: 'other' });
  await cell.others.bpmJob('rep', 'unique-scope');
  await cell.forget(PRIVILEGED);
  await cell.loseOwner(TASK);
  if (cell.mode !== 'v2') cell.moveOut(A, 'freezer');
  cell.moveOut(OUTSIDE, 'all');
}

const withoutAges = (sentence: string): string =>
  sentence.replaceAll(/ (?:for|started) \d+ (?:s|min)\b/g, '');

describe('a captured cell', function () {
  it('is a file for its owner only, holds no environment, and explains as the live cell did', async function () {
    const cell = await cellFor(this, { layout: 'throttled' });
    await furnish(cell);
    const file = `${FOLDER}/cell.json.gz`;
    const captured = await rollcall(cell, ['capture', file, '--settle', '300ms']);
    expect(captured.exitCode, 'findings are no failure of a capture').to.equal(0);
    expect(captured.stdout).to.equal(`${file}\n`);
    expect(captured.stderr).to.match(/Replay it with: rollcall check --capture /);
    const onMachine = cell.outside(file);
    expect((statSync(onMachine).mode & 0o777).toString(8)).to.equal('600');
    const text = gunzipSync(readFileSync(onMachine)).toString('utf8');
    expect(text, 'the environment of a container').not.to.contain('CF_INSTANCE_GUID');
    for (const handle of [A, PRIVILEGED, TASK, OUTSIDE]) {
      const again = await typed(['explain', '--format', 'json', '--capture', onMachine, handle]);
      const {
        since: then,
        agent: replaying,
        ...replayed
      } = JSON.parse(again.stdout) as ExplainJson;
      const {
        since: now,
        agent: here,
        exitCode,
        ...live
      } = await explain(cell, handle, ['--settle', '300ms']);
      expect(again.code, handle).to.equal(exitCode);
      // Processes have grown older meanwhile.
      const sentences = [replayed, live].map(({ sentence }) => withoutAges(sentence));
      expect(sentences[0], handle).to.equal(sentences[1]);
      expect({ ...replayed, sentence: '' }, handle).to.deep.equal({ ...live, sentence: '' });
      expect(then === null, handle).to.equal(now === null);
      // Of a saved cell the agent of this one knows nothing.
      expect([replaying.asked, here.asked], handle).to.deep.equal([false, true]);
    }
    const unknown = await typed(['explain', '--capture', onMachine, 'none']);
    expect(unknown).to.deep.include({ code: 2, stdout: '' });
    expect(captured.stderr, 'no agent runs').to.contain('It lacks what only the agent knows.');
  });

  it('is named and dated by the agent that ran there, and decided without it', async function () {
    const cell = await cellFor(this, { layout: 'throttled' });
    await cell.create({ handle: A, kind: 'app' });
    const agent = await startAgent(cell);
    await agent.untilShown({ [A]: 'tracked' });
    await cell.forget(A);
    await agent.untilShown({ [A]: 'untracked unknown-to-garden' });
    const file = `${FOLDER}/with-agent.json.gz`;
    const captured = await rollcall(cell, [
      'capture',
      file,
      '--settle',
      '300ms',
      '--status-socket',
      STATUS_SOCKET,
    ]);
    expect(captured.stderr).to.match(
      /\nagent {4}its report of \S+Z and \d+ events: they add names and times, and decide nothing\n/,
    );
    const replayed = await typed(['explain', '--json', '--capture', cell.outside(file), A]);
    const one = JSON.parse(replayed.stdout) as ExplainJson;
    expect(one).to.deep.include({
      status: 'untracked',
      reason: 'unknown-to-garden',
      appSource: 'memory',
      sinceSource: 'agent',
    });
    expect(one.app?.name).to.be.a('string');
    expect(one.events.map(({ message }) => message)).to.include('rollcall.container.untracked');
  });
});
