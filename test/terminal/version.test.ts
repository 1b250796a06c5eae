import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { needNode } from '../../src/terminal/version.ts';
import { failureOf } from '../failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const programFolder = (clone: string): string => path.join(clone, 'src/dist/rollcall');

const refused = (version: string, folder: string) =>
  failureOf(Promise.resolve(folder).then((place) => needNode(version, place)));

describe('the Node that runs the program', () => {
  it('is new enough from 24 on', () => {
    for (const version of ['24.0.0', '24.21.0', '25.1.0', '100.0.0']) needNode(version, '/');
  });

  it('is reported if it is too old, instead of a failure later', async () => {
    for (const version of ['20.20.2', '22.15.0', '9.9.9']) {
      const [code, message] = await refused(version, '/');
      expect(code).to.equal('NODE_VERSION');
      expect(message).to.contain(`Node 24 or newer is needed; this is Node ${version}.`);
    }
  });

  it('is reported with the one in the clone, if the program is in a clone', async () => {
    const clone = temporaryFolder();
    const node = path.join(clone, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
    const failure = () => refused('18.20.4', programFolder(clone));
    expect((await failure()).join(': ')).to.match(/^NODE_VERSION: (?!.*npm run)/);
    mkdirSync(path.dirname(node), { recursive: true });
    writeFileSync(node, '');
    expect(await failure()).to.deep.equal([
      'NODE_VERSION',
      'Node 24 or newer is needed; this is Node 18.20.4. ' +
        `Run npm run --silent rollcall -- COMMAND in the clone, which brings its own: ${node}.`,
    ]);
  });
});
