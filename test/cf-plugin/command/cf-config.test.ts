import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { configuredColor } from '../../../src/cf-plugin/command/cf-config.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

const MODULE = new URL('../../../src/cf-plugin/command/cf-config.ts', import.meta.url).href;

/** The configuration of a cf whose home is this folder. */
function configure(home: string, content: string): void {
  mkdirSync(path.join(home, '.cf'), { recursive: true });
  writeFileSync(path.join(home, '.cf', 'config.json'), content);
}

/** As cf writes it: the tokens stand beside it. */
const withColor = (ColorEnabled: unknown): string =>
  JSON.stringify({ ConfigVersion: 4, AccessToken: 'bearer secret', ColorEnabled }, null, 2);

describe('what cf config --color left', () => {
  it('is read where cf keeps it: below CF_HOME, else below the home of the user', () =>
    inTemporaryFolder((home) => {
      const other = path.join(home, 'other');
      configure(home, withColor('true'));
      configure(other, withColor('false'));
      expect(configuredColor({}, home)).to.equal(true);
      expect(configuredColor({ CF_HOME: '' }, home)).to.equal(true);
      expect(configuredColor({ CF_HOME: other }, home)).to.equal(false);
    }));

  it('is nothing where cf was not told, and where its file is missing, no file, too large, or nothing of the kind', () =>
    inTemporaryFolder((home) => {
      const read = (content: string): boolean | null => {
        configure(home, content);
        return configuredColor({}, home);
      };
      expect(configuredColor({}, home)).to.equal(null);
      for (const content of ['', '{', '[]', 'null', '{}', withColor(''), withColor('always')]) {
        expect(read(content), content).to.equal(null);
      }
      expect(read(withColor(true))).to.equal(null);
      const padded = (bytes: number): string => withColor('true').padEnd(bytes);
      expect(read(padded(1024 * 1024))).to.equal(true);
      expect(read(padded(1024 * 1024 + 1))).to.equal(null);
      expect(configuredColor({ CF_HOME: path.join(home, '.cf', 'config.json') }, home)).to.equal(
        null,
      );
      const folder = path.join(home, 'folder');
      mkdirSync(path.join(folder, '.cf', 'config.json'), { recursive: true });
      expect(configuredColor({}, folder)).to.equal(null);
    }));

  it('is found by a process, which prints nothing of a file that it cannot read', () =>
    inTemporaryFolder(async (home) => {
      const script = `console.log((await import('${MODULE}')).configuredColor(process.env))`;
      const found = (content: string) => {
        configure(home, content);
        return execa(process.execPath, ['--input-type=module', '-e', script], {
          env: { HOME: home, USERPROFILE: home, CF_HOME: '' },
        });
      };
      expect(await found(withColor('true'))).to.include({ stdout: 'true', stderr: '' });
      expect(await found('{"AccessToken": "bearer secret')).to.include({
        stdout: 'null',
        stderr: '',
      });
    }));
});
