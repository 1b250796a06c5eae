import { expect } from 'chai';
import { needNode } from '../../src/terminal/version.ts';
import { failureOf } from '../failure-of.ts';

describe('the Node that runs the program', () => {
  it('is new enough from 24 on', () => {
    for (const version of ['24.0.0', '24.21.0', '25.1.0', '100.0.0']) needNode(version);
  });

  it('is named where it is older, instead of a failure in the middle', async () => {
    for (const version of ['20.20.2', '22.15.0', '9.9.9']) {
      const call = Promise.resolve(version).then(needNode);
      const [code, message] = await failureOf(call);
      expect(code).to.equal('NODE_VERSION');
      expect(message).to.contain(`this is Node ${version}`);
    }
  });
});
