import process from 'node:process';
import { expect } from 'chai';
import { processIo } from '../../../src/cf-plugin/command/process-io.ts';

/** The streams of this process as wide as a terminal may say, while `look` looks. */
function withColumns(columns: number | undefined, look: () => void): void {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'columns'));
  for (const stream of streams) {
    Object.defineProperty(stream, 'columns', { value: columns, configurable: true });
  }
  try {
    look();
  } finally {
    streams.forEach((stream, index) => {
      Reflect.deleteProperty(stream, 'columns');
      const property = before[index];
      if (property !== undefined) Object.defineProperty(stream, 'columns', property);
    });
  }
}

describe('the process of cf rollcall-status', () => {
  it('is as wide as its window is now, also after --watch has begun', () => {
    const io = processIo();
    for (const columns of [200, 90]) {
      withColumns(columns, () => {
        expect([io.columns, io.stderrColumns]).to.deep.equal([columns, columns]);
      });
    }
  });

  it('takes 80 columns where the terminal says none', () => {
    for (const columns of [undefined, 0]) {
      withColumns(columns, () => {
        const { columns: out, stderrColumns } = processIo();
        expect([out, stderrColumns]).to.deep.equal([80, 80]);
      });
    }
  });
});
