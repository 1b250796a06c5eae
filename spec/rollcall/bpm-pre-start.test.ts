import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { rendered, suiteNeeds } from '../rendered.ts';
import { program, run } from '../script.ts';

const GARDEN = '/var/vcap/data/garden';

describe('bin/bpm-pre-start', () => {
  suiteNeeds('ruby');

  /**
   * Runs it where Garden's directory exists, or not. Answers what it hands to `chown`, and the mode
   * of the directory afterwards.
   */
  async function started(there: boolean): Promise<readonly [string, number]> {
    const folder = temporaryFolder();
    const garden = join(folder, 'data/garden');
    if (there) mkdirSync(garden, { recursive: true, mode: 0o700 });
    program(folder, 'chown', '#!/bin/sh\necho "$*"\n');
    const text = await rendered('rollcall', {}, 'bin/bpm-pre-start');
    const { code, stdout, stderr } = await run(text, { [GARDEN]: garden }, folder);
    expect([code, stderr]).to.deep.equal([0, '']);
    return [stdout.replaceAll(garden, GARDEN), statSync(garden).mode & 0o777];
  }

  it('makes the directory of Garden’s socket where it is missing: bpm fails to mount what is not there', async () => {
    expect(await started(false)).to.deep.equal([`vcap:vcap ${GARDEN}`, 0o770]);
  });

  it('leaves the directory alone where it is, since owner and mode are Garden’s', async () => {
    expect(await started(true)).to.deep.equal(['', 0o700]);
  });

  it('fails where the directory cannot be', async () => {
    const text = await rendered('rollcall', {}, 'bin/bpm-pre-start');
    const folder = temporaryFolder();
    const file = program(folder, 'garden', '');
    expect((await run(text, { [GARDEN]: file }, folder)).code).not.to.equal(0);
  });

  it('makes the directory that the properties name', async () => {
    const properties = { 'garden.socket_path': '/var/vcap/data/other garden/g.sock' };
    const text = await rendered('rollcall', properties, 'bin/bpm-pre-start');
    expect(text).to.include('garden_directory=/var/vcap/data/other\\ garden\n');
  });
});
