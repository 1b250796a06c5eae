import { expect } from 'chai';
import { TYPED_ON_CELL } from '../../src/model/typed-as.ts';
import { capturedCell } from './captured-cell.ts';
import { typed } from './rollcall.ts';

const printedBy = async (ROLLCALL_TYPED_AS: string, ...args: readonly string[]): Promise<string> =>
  (
    await typed([...args, '--capture', capturedCell()], {
      columns: 500,
      env: { ROLLCALL_TYPED_AS },
    })
  ).stdout;

describe('the commands that rollcall prints', () => {
  it('begin as the caller types them, so that they can be pasted', async () => {
    const checked = await printedBy(TYPED_ON_CELL, 'check');
    expect(checked).to.contain(`${TYPED_ON_CELL} explain bbbbbbbb\n`);
    expect(await printedBy(TYPED_ON_CELL, 'explain', 'bbbbbbbb')).to.contain(
      `  ${TYPED_ON_CELL} runbook unknown-to-garden\n`,
    );
    expect(await printedBy(TYPED_ON_CELL, 'preflight')).to.contain(`${TYPED_ON_CELL} explain `);
  });

  it('begin so in what a report says of a finding, and in its JSON', async () => {
    for (const args of [['check'], ['check', '--format', 'json']]) {
      expect(await printedBy(TYPED_ON_CELL, ...args)).to.contain(`${TYPED_ON_CELL} explain `);
      const inClone = await printedBy('npm run -s rollcall --', ...args);
      expect(inClone).to.contain('npm run -s rollcall -- explain bbbbbbbb');
      expect(inClone).not.to.contain(TYPED_ON_CELL);
    }
  });

  it('begin so in errors', async () => {
    const missing = { columns: 500, env: { ROLLCALL_TYPED_AS: TYPED_ON_CELL } };
    const { stderr } = await typed(['check', '--capture', '/no/such'], missing);
    expect(stderr).to.contain(`Give the path of a file made with ${TYPED_ON_CELL} capture.`);
    const here = await typed(['check', '--capture', '/no/such']);
    expect(here.stderr).to.contain('Give the path of a file made with rollcall capture.');
  });

  it('begin with rollcall where nobody says how, or says more than words and paths', async () => {
    for (const typedAs of ['', 'rollcall; reboot', '\u001b[31mrollcall', 'r'.repeat(201)])
      expect(await printedBy(typedAs, 'check')).to.contain('     rollcall explain bbbbbbbb\n');
  });
});
