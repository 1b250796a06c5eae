import { expect } from 'chai';
import { expectRefused, typed } from './rollcall.ts';

describe('the runbook', () => {
  it('has the section of a reason, and of the alert about it, whatever the case', async () => {
    const { code, stdout } = await typed(['runbook', 'unowned']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^unowned\n\nDo:/);
    expect((await typed(['runbook', 'rollcallUNOWNED'])).stdout).to.equal(stdout);
  });

  it('names the section that may be meant', async () => {
    expectRefused(
      await typed(['runbook', 'unown']),
      'has no section "unown". Perhaps unowned or RollcallUnowned is meant. It has',
    );
    expectRefused(await typed(['runbook', 'unowend']), 'Perhaps unowned is meant.');
  });

  it('names the sections where there is none with this name, which it escapes', async () => {
    const refused = await typed(['runbook', 'a\u001b[2J']);
    expectRefused(refused, 'has no section "a\\u{1b}[2J". It has one for each alert');
  });
});
