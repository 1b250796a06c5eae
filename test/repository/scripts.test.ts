import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { helpAskedFor } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';
import { temporaryFolder } from '../temporary-folder.ts';
import { COMMANDS, scripts, WITH_OWN_HELP } from '../tools/npm-scripts.ts';

describe('an npm script', () => {
  it('starts with the set-up', () => {
    for (const command of Object.values(scripts))
      expect(command.startsWith('node tools/bootstrap.mjs '), command).to.equal(true);
  });

  it('has a help of lines with at most 80 characters', () => {
    for (const [typed, { name, args }] of COMMANDS) {
      if (WITH_OWN_HELP.has(name)) continue;
      const help = helpAskedFor(name, [...args, '--help']) ?? '';
      expect(help).to.match(new RegExp(`^npm run ${typed === 'check' ? 'test' : typed}(?! ?\\w)`));
      for (const line of help.split('\n')) expect(line.length, line).to.be.at.most(80);
    }
  });

  it('has a help that needs no set-up', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'tools'));
    for (const file of ['bootstrap', 'bootstrap.mjs'])
      cpSync(path.join(root, 'tools', file), path.join(folder, 'tools', file), { recursive: true });
    const bootstrap = ['tools/bootstrap.mjs', 'test', 'lint', '--help'];
    const ran = await execa(process.execPath, bootstrap, { cwd: folder, reject: false });
    expect([ran.exitCode, ran.stderr]).to.deep.equal([0, '']);
    expect(`${ran.stdout}\n`).to.equal(helpAskedFor('test', ['--help']));
    expect(readdirSync(folder)).to.deep.equal(['tools']);
  });
});
