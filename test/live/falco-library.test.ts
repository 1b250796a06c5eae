import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { guidOf, instanceHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import type { sensorsJson } from '../../src/present/sensors-json.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { cellFor, needsCell } from './cells.ts';
import { rollcall } from './rollcall.ts';

const SOURCE = fileURLToPath(new URL('falco-ids.cpp', import.meta.url));
const FLAGS = ['-std=c++17', '-I/usr/include/falcosecurity', '-I/usr/include/jsoncpp'];

describe("Falco's own library (libs 0.20, as in Falco 0.40)", function () {
  it('gives the processes of a cell the ids that rollcall predicts', async function () {
    needsCell(this);
    const folder = temporaryFolder();
    const program = `${folder}/falco-ids`;
    const made = await execa('g++', [...FLAGS, SOURCE, '-o', program, '-lsinsp', '-lscap'], {
      reject: false,
    });
    if (made.code === 'ENOENT' || made.stderr.includes('libsinsp/sinsp.h: No such file'))
      skip(this, "no library of Falco's (Debian: g++ libfalcosecurity0-dev uthash-dev)");
    expect(made.stderr).to.equal('');
    const cell = await cellFor(this);
    const handles = [instanceHandle('a'), guidOf('task')];
    for (const handle of handles) await cell.create({ handle, kind: 'app' });
    await cell.others.dockerScope();
    const { stdout } = await execa(program);
    const ids = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
    const docker = createHash('sha256').update('registry').digest('hex').slice(0, 12);
    expect([...ids.values()], 'it finds a container of docker').to.include(docker);
    const ran = await rollcall(cell, [
      'sensors',
      '--tool',
      'falco@0.40',
      '--format',
      'json',
      '--missed',
    ]);
    const { tools } = JSON.parse(ran.stdout) as ReturnType<typeof sensorsJson>;
    const missed = handles.filter((handle) =>
      cell.pids(handle).every((pid) => ids.get(String(pid)) === ''),
    );
    expect(missed).to.deep.equal(handles);
    expect(tools[0]?.missedHandles).to.have.members(missed);
  });
});
