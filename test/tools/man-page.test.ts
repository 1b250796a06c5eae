import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { COMMAND_ROWS } from '../../src/cli/command-table.ts';
import { manPage } from '../../tools/man-page.ts';
import { skip } from '../skip.ts';

const groff = (...args: readonly string[]) =>
  spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-c', '-P-u', '-P-b', ...args], {
    encoding: 'utf8',
    input: manPage(),
    env: { ...process.env, GROFF_NO_SGR: '1' },
  });

describe('rollcall.1', () => {
  before(function () {
    if (spawnSync('groff', ['--version']).error !== undefined) skip(this, 'needs groff');
  });

  it('is set without a warning', () => {
    for (const width of [80, 120, 200]) {
      const { status, stderr } = groff(`-rLL=${width}n`);
      expect([status, stderr], String(width)).to.deep.equal([0, '']);
    }
  });

  it('describes every command with its options, defaults, examples and exit codes', () => {
    const words = groff('-rLL=200n').stdout.replaceAll(/\s+/g, ' ');
    for (const [name, { does, options, examples, exits }] of COMMAND_ROWS) {
      expect(words).to.contain(`rollcall ${name} `).and.contain(does);
      for (const [option, { hidden }] of Object.entries(options)) {
        if (hidden !== true) expect(words).to.contain(`--${option}`);
      }
      for (const [typed, what] of examples) expect(words).to.contain(`rollcall ${typed} ${what}`);
      for (const means of Object.values(exits)) expect(words).to.contain(means);
    }
    expect(words).to.contain("Garden's socket (default: /var/vcap/data/garden/garden.sock).");
  });
});
