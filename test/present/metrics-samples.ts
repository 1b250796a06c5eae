import { expect } from 'chai';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\\\': '\\', '\\"': '"' };

/** The text format as its grammar has it; whatever is no sample of it throws. */
export function samplesOf(text: string): readonly Sample[] {
  expect(text.endsWith('\n')).to.equal(true);
  return text
    .slice(0, -1)
    .split('\n')
    .filter((line) => !line.startsWith('# '))
    .map((line) => {
      const [, name, inner = '', value] =
        /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[\d.e+]+)$/.exec(line) ??
        [];
      if (name === undefined) throw new Error(`no sample: ${line}`);
      const labels = Object.fromEntries(
        [...inner.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', escaped = '']) => [
          key,
          escaped.replaceAll(/\\./g, (pair) => UNESCAPED[pair] ?? pair),
        ]),
      );
      return { name, labels, value: Number(value) };
    });
}
