import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../tools/bootstrap/place.mjs';
import { inTemporaryFolder } from '../temporary-folder.ts';

type Files = Readonly<Record<string, string>>;

/** What knip says, by the rules of this project, of a folder that is laid out like it. */
const saidOf = (files: Files): Promise<{ readonly exitCode: number; readonly said: string }> =>
  inTemporaryFolder(async (folder) => {
    const manifest = JSON.stringify({ type: 'module', dependencies: { left: '1.0.0' } });
    const used: Files = {
      'package.json': manifest,
      'node_modules/left/package.json': '{"name":"left","version":"1.0.0","main":"index.js"}',
      'node_modules/left/index.js': 'export {};',
      'src/cli/main.ts': `import 'left';\nimport { used } from './used.ts';\nused();`,
      'src/cli/used.ts': 'export const used = (): void => undefined;',
    };
    for (const [name, text] of Object.entries({ ...used, ...files })) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const knip = path.join(root, 'node_modules/knip/bin/knip.js');
    const args = ['--config', path.join(root, '.knip.mjs'), '--no-progress', '--no-config-hints'];
    const ran = await execa(process.execPath, [knip, ...args, '--directory', folder], {
      reject: false,
      all: true,
    });
    return { exitCode: ran.exitCode ?? -1, said: ran.all };
  });

describe('unused code', () => {
  it('is not found where all of it is used', async () => {
    expect(await saidOf({})).to.deep.equal({ exitCode: 0, said: '' });
  });

  const used = 'export const used = (): void => undefined;\n';
  for (const [what, files, says] of [
    ['a file', { 'src/agent/left.ts': 'export {};' }, 'src/agent/left.ts'],
    ['a helper of tests', { 'test/left.ts': 'export {};' }, 'test/left.ts'],
    ['a function', { 'src/cli/used.ts': `${used}export const left = 1;` }, 'left'],
    ['a type', { 'src/cli/used.ts': `${used}export type Left = 1;` }, 'Left'],
    ['a dependency', { 'src/cli/main.ts': `import { used } from './used.ts';\nused();` }, 'left'],
  ] as const)
    it(`is found when it is ${what}`, async () => {
      const { exitCode, said } = await saidOf(files);
      expect(exitCode).to.equal(1);
      expect(said)
        .to.match(/^Unused /)
        .and.to.include(says);
    });
});
