import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../tools/bootstrap/place.mjs';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

/**
 * A folder laid out like this one, in which one of each kind is unused: of files, exports and
 * dependencies.
 */
const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ type: 'module', dependencies: { 'left-package': '1.0.0' } }),
  'node_modules/left-package/package.json': '{"name":"left-package","version":"1.0.0"}',
  'src/cli/main.ts': `import { used } from './used.ts';\nused();`,
  'src/cli/used.ts': [
    'export const used = (): void => undefined;',
    'export const leftFunction = 1;',
    'export type LeftType = 1;',
  ].join('\n'),
  'src/agent/left-file.ts': 'export {};',
  'test/left-helper.ts': 'export {};',
};

describe('unused code', () => {
  // Knip's run over this checkout shows that used code is not found.
  it('is found when it is a file, a helper of tests, a function, a type or a dependency', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, FILES);
    const knip = path.join(root, 'node_modules/knip/bin/knip.js');
    const args = ['--config', path.join(root, '.knip.mjs'), '--no-progress', '--no-config-hints'];
    const { exitCode, all } = await execa(
      process.execPath,
      [knip, ...args, '--directory', folder],
      { reject: false, all: true },
    );
    const found = all.match(/\S*left\S*/gi);
    expect(exitCode, all).to.be.above(0);
    expect(found).to.have.members([
      'src/agent/left-file.ts',
      'test/left-helper.ts',
      'left-package',
      'leftFunction',
      'LeftType',
    ]);
  });
});
