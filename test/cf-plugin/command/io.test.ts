import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { configuredColor, pluginIo } from '../../../src/cf-plugin/command/io.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

/** The configuration of a cf whose home is this folder. */
function configure(home: string, content: string): void {
  mkdirSync(path.join(home, '.cf'), { recursive: true });
  writeFileSync(path.join(home, '.cf', 'config.json'), content);
}

/** As cf writes it: the tokens stand beside it. */
const withColor = (ColorEnabled: unknown): string =>
  JSON.stringify({ ConfigVersion: 4, AccessToken: 'bearer secret', ColorEnabled }, null, 2);

describe('the colour set by cf config --color', () => {
  it('is read where cf keeps it: below CF_HOME, else below the home of the user', () =>
    inTemporaryFolder((home) => {
      const other = path.join(home, 'other');
      configure(home, withColor('true'));
      configure(other, withColor('false'));
      expect(configuredColor({}, home)).to.equal(true);
      expect(configuredColor({ CF_HOME: '' }, home)).to.equal(true);
      expect(configuredColor({ CF_HOME: other }, home)).to.equal(false);
    }));

  it('is nothing where it was not set, and where the file is missing, too large or of another form', () =>
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

  it('is read below the home of the user where nothing else is given', () =>
    inTemporaryFolder((home) => {
      configure(home, withColor('true'));
      const names = ['HOME', 'USERPROFILE'];
      const before = names.map((name) => process.env[name]);
      for (const name of names) process.env[name] = home;
      try {
        expect(configuredColor({})).to.equal(true);
      } finally {
        names.forEach((name, index) => {
          const value = before[index];
          if (value === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = value;
        });
      }
    }));
});

/** Gives the streams of this process a width while `use` runs. */
function withColumns(columns: number | undefined, use: () => void): void {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'columns'));
  for (const stream of streams) {
    Object.defineProperty(stream, 'columns', { value: columns, configurable: true });
  }
  try {
    use();
  } finally {
    streams.forEach((stream, index) => {
      Reflect.deleteProperty(stream, 'columns');
      const property = before[index];
      if (property !== undefined) Object.defineProperty(stream, 'columns', property);
    });
  }
}

describe('the streams of cf rollcall-status', () => {
  it('is as wide as its window is now, also after --watch has begun', () => {
    const io = pluginIo();
    for (const columns of [200, 90]) {
      withColumns(columns, () => {
        expect([io.columns, io.stderrColumns]).to.deep.equal([columns, columns]);
      });
    }
  });

  it('takes 80 columns where the terminal says none', () => {
    for (const columns of [undefined, 0]) {
      withColumns(columns, () => {
        const { columns: out, stderrColumns } = pluginIo();
        expect([out, stderrColumns]).to.deep.equal([80, 80]);
      });
    }
  });
});
