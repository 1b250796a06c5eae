import { expect } from 'chai';
import { CERTIFICATE, needs, PRIVATE_KEY, rendered } from '../rendered.ts';
import { EVERY_PROPERTY } from './every-property.ts';

const FILES: readonly (readonly [string, string])[] = [
  ['config/certs/metrics.crt', CERTIFICATE],
  ['config/certs/metrics.key', PRIVATE_KEY],
  ['config/certs/metrics-ca.crt', CERTIFICATE],
];

describe('config/certs', () => {
  before(function () {
    needs(this, 'ruby');
  });

  it('holds what the properties hold', async () => {
    for (const [file, pem] of FILES)
      expect((await rendered('rollcall', EVERY_PROPERTY, file)).trim()).to.equal(pem.trim());
  });

  it('is empty without TLS', async () => {
    for (const [file] of FILES) expect((await rendered('rollcall', {}, file)).trim()).to.equal('');
  });
});
