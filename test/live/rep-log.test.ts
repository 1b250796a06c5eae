import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { cellFor } from './cells.ts';
import { explain, inside, rollcall } from './rollcall.ts';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const APP = '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6';
const LOGS = '/var/vcap/sys/log/rep';

const lineOf = (time: string, message: string, data: object): string =>
  `${JSON.stringify({ timestamp: time, level: 'info', source: 'rep', message, data })}\n`;

/** What rep logs of a container that Garden forgets, as bosh-agent has rotated it. */
function rotateLogs(cell: Cell): void {
  const folder = cell.outside(LOGS);
  mkdirSync(folder, { recursive: true });
  const older =
    lineOf('2026-03-01T10:00:00Z', 'rep.serving', {}) +
    lineOf('2026-03-02T10:00:00Z', 'rep.allocated', { guid: A, 'process-guid': `${APP}-b1c2` });
  const newer =
    lineOf('2026-03-02T11:00:00Z', 'rep.destroy.container-not-found-in-garden', { guid: A }) +
    lineOf('2026-03-02T11:00:01Z', 'rep.succeeded-deleting-container', { 'container-guid': A });
  writeFileSync(`${folder}/rep.stdout.log`, lineOf('2026-03-02T12:00:00Z', 'rep.tick', {}));
  writeFileSync(`${folder}/rep.stdout.log.1`, newer);
  writeFileSync(`${folder}/rep.stdout.log.2`, older);
  expect(spawnSync('gzip', [`${folder}/rep.stdout.log.1`]).status).to.equal(0);
  expect(spawnSync('gzip', [`${folder}/rep.stdout.log.2`]).status).to.equal(0);
}

describe("explain, where rep's logs are rotated", () => {
  it('names the app of a container that Garden forgot, and why rep left it', async function () {
    const cell = await cellFor(this, {}, A, B);
    rotateLogs(cell);
    await cell.forget(A);
    await cell.forget(B);
    const { repLog } = await explain(cell, A);
    expect(repLog?.appId).to.equal(APP);
    expect(repLog?.explanation?.message).to.equal('rep.destroy.container-not-found-in-garden');
    const { stdout } = await rollcall(cell, ['explain', '--all', A]);
    expect(stdout).to.contain(`app ${APP}, according to rep's log`);
    expect(stdout.indexOf('container-not-found-in-garden')).to.be.within(
      1,
      stdout.indexOf('succeeded-deleting-container'),
    );
    const unnamed = await rollcall(cell, ['explain', B]);
    expect(unnamed.stdout.replaceAll(/\s+/g, ' ')).to.contain(
      "The part of rep's log that is still on this cell, since 2026-03-01T10:00:00Z",
    );
    const search = ['sh', '-c', `zgrep -l ${A} ${LOGS}/rep.stdout.log*`];
    expect((await inside(cell, search)).stdout).to.equal(
      `${LOGS}/rep.stdout.log.1.gz\n${LOGS}/rep.stdout.log.2.gz\n`,
    );
  });
});
