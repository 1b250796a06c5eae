import { expect } from 'chai';
import { ansiHtml } from '../../../tools/pictures/terminal-page.ts';
import { colors, type Colors } from '../../../src/present/color.ts';

describe("a terminal's text as HTML", () => {
  it('has a span for every style that the commands use', () => {
    const styles = colors(true);
    const names = Object.keys(styles) as (keyof Colors)[];
    expect(ansiHtml(names.map((name) => styles[name]('x')).join(''))).to.equal(
      names.map((name) => `<span class="${name}">x</span>`).join(''),
    );
  });

  it('closes what is open, inside out', () => {
    const { bold, red } = colors(true);
    expect(ansiHtml(`a ${bold(`b ${red('c')}`)} d`)).to.equal(
      'a <span class="bold">b <span class="red">c</span></span> d',
    );
  });

  it('shows markup as it is', () => {
    expect(ansiHtml('<b> & c')).to.equal('&lt;b&gt; &amp; c');
  });

  it('refuses a sequence that it would show incorrectly', () => {
    for (const text of ['\x1b[44mblue ground\x1b[49m', '\x1b[38;5;196mred\x1b[22m', '\x1b[39m']) {
      expect(() => ansiHtml(text), text).to.throw('unknown sequence');
    }
  });
});
