import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { execa } from 'execa';
import { makePluginScript } from '../../../tools/packaging/scripts.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
let made: Awaited<ReturnType<typeof makePluginScript>>;

/**
 * A copy of the plugin where cf puts it: below a folder with this package.json, under a name
 * without an extension.
 */
function installed(manifest: object | null): string {
  const home = temporaryFolder();
  const plugins = join(home, '.cf/plugins');
  mkdirSync(plugins, { recursive: true });
  if (manifest !== null) writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
  copyFileSync(made.file, join(plugins, 'rollcall'));
  return join(plugins, 'rollcall');
}

/** A node of this version anywhere on the PATH: npm puts the one of node_modules before it. */
async function nodeOnPath(context: Mocha.Context, major: number): Promise<string> {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(place, 'node');
    const { failed, stdout } = await execa(node, ['--version'], { reject: false });
    if (!failed && stdout.startsWith(`v${major}.`)) return node;
  }
  return skip(context, `no Node ${major} on the PATH`);
}

describe('the plugin as one script', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-'));
    made = await makePluginScript(join(folder, 'made'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [where, manifest] of [
    ['in no package', null],
    ['in a package of modules', { type: 'module' }],
    ['in a package of scripts', { type: 'commonjs' }],
  ] as const) {
    it(`says with Node 20 ${where} which Node it needs`, async function () {
      const node = await nodeOnPath(this, 20);
      const ran = await execa(node, [installed(manifest)], { reject: false, all: true });
      expect(ran.all).to.match(
        /^The rollcall plugin needs Node 22 \(22\.21 or newer\) or Node 24\.5 or newer on the PATH, and this is 20\./,
      );
      expect(ran.exitCode).to.equal(1);
    });

    it(`runs with Node 24 ${where}`, async () => {
      const file = installed(manifest);
      // As far as it gets without a cf: all that it needs of Node is loaded by then.
      for (const [args, says] of [
        [[], /^This cf CLI plugin is not intended to be run on its own/],
        [['1', 'rollcall-status'], /cannot connect to cf on port 1 of this machine/],
      ] as const) {
        const ran = await execa(process.execPath, [file, ...args], { reject: false, all: true });
        expect(ran.all).to.match(says);
        expect(ran.exitCode).to.equal(1);
      }
    });
  }

  it('is executable, has an interpreter line, and includes the licences of its packages', () => {
    expect(readFileSync(made.file, 'utf8').split('\n')[0]).to.equal('#!/usr/bin/env node');
    expect(statSync(installed(null)).mode & 0o777).to.equal(0o755);
    expect(made.licences).to.match(/^==== valibot@[\d.]+\n\nMIT License/m);
  });
});
