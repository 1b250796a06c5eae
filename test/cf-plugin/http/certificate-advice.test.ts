import { expect } from 'chai';
import { certificateAdvice } from '../../../src/cf-plugin/http/certificate-advice.ts';

const advice = (code: string): string =>
  certificateAdvice(new URL('https://api.example.com/v3'), {
    kind: 'certificate',
    code,
    fileTrouble: null,
  });

describe('the advice about a certificate', () => {
  it('is what mends it: an authority does not where its time is over, or its name is another', () => {
    expect(advice('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).to.match(/^Give its authority in /);
    expect(advice('DEPTH_ZERO_SELF_SIGNED_CERT')).to.match(/^Give its authority in /);
    expect(advice('CERT_HAS_EXPIRED')).to.match(/the clock of this machine .* renewed/);
    expect(advice('CERT_NOT_YET_VALID')).to.match(/the clock of this machine .* renewed/);
    expect(advice('ERR_TLS_CERT_ALTNAME_INVALID')).to.match(/^It is for other names: /);
    for (const code of ['CERT_HAS_EXPIRED', 'HOSTNAME_MISMATCH', 'SELF_SIGNED_CERT_IN_CHAIN'])
      expect(advice(code), code).to.match(
        /, or skip the check as cf does: cf api https:\/\/api\.example\.com --skip-ssl-validation\.$/,
      );
  });
});
