import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getCACertificates, rootCertificates } from 'node:tls';
import { expect } from 'chai';
import { trustedAuthorities } from '../../../src/cf-plugin/http/trusted-authorities.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

const [MACHINE = '', OWN = '', EXTRA = '', ANOTHER = ''] = rootCertificates;

interface Files {
  readonly write: (name: string, content: string) => string;
  /** Where the machine has its authorities. */
  readonly bundles: readonly string[];
  readonly absent: string;
}

const withFiles = (use: (files: Files) => void): Promise<void> =>
  inTemporaryFolder((folder) => {
    const write = (name: string, content: string): string => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    };
    const absent = path.join(folder, 'absent');
    use({ write, bundles: [absent, write('machine', MACHINE)], absent });
  });

describe('the authorities that the plugin trusts', () => {
  it('are those of the machine as cf finds them, and those given to Node', () =>
    withFiles(({ write, bundles }) => {
      const pem = (env: Record<string, string>) => trustedAuthorities(env, bundles, []).pem;
      expect(pem({})).to.deep.equal([MACHINE]);
      const own = write('own', `# Of the company\n${OWN}`);
      expect(pem({ SSL_CERT_FILE: own })).to.deep.equal([`# Of the company\n${OWN}`]);
      const extra = write('extra', EXTRA);
      expect(pem({ NODE_EXTRA_CA_CERTS: extra })).to.deep.equal([MACHINE, EXTRA]);
    }));

  it('are those of the keychain on macOS, whose file lacks what a company adds', () =>
    withFiles(({ write, bundles }) => {
      const own = write('own', OWN);
      const pem = (env: Record<string, string>) =>
        trustedAuthorities(env, bundles, [], 'darwin').pem ?? [];
      expect(pem({})).to.include.members(getCACertificates('system'));
      expect(pem({})).to.include.members(getCACertificates('default'));
      expect(pem({ SSL_CERT_FILE: own })).to.deep.equal([OWN]);
    }));

  it('are also those in the folders of SSL_CERT_DIR, each once', () =>
    withFiles(({ write, bundles, absent }) => {
      const first = path.dirname(write('first/a.pem', OWN));
      symlinkSync(path.join(first, 'a.pem'), path.join(first, '5f15c80c.0'));
      mkdirSync(path.join(first, 'folder'));
      write('first/README', 'no certificate');
      write('first/large.pem', `${ANOTHER}${' '.repeat(1024 * 1024)}`);
      const second = path.dirname(write('second/b.crt', EXTRA));
      const folders = [first, '', absent, second].join(path.delimiter);
      expect(trustedAuthorities({ SSL_CERT_DIR: folders }, bundles)).to.deep.equal({
        pem: [MACHINE, OWN, EXTRA],
        fileError: null,
      });
      const env = { SSL_CERT_FILE: write('own', ANOTHER), SSL_CERT_DIR: second };
      expect(trustedAuthorities(env, bundles, []).pem).to.deep.equal([ANOTHER, EXTRA]);
      expect(
        trustedAuthorities({ SSL_CERT_FILE: absent, SSL_CERT_DIR: second }, bundles, []).pem,
      ).to.deep.equal([EXTRA]);
    }));

  it('are those in the folders of the machine too where SSL_CERT_FILE takes the place of its file alone', () =>
    withFiles(({ write, bundles, absent }) => {
      const folders = [absent, path.dirname(write('certs/a.pem', EXTRA))];
      const pem = (env: Record<string, string>) => trustedAuthorities(env, bundles, folders).pem;
      const own = write('own', OWN);
      expect(pem({ SSL_CERT_FILE: own })).to.deep.equal([OWN, EXTRA]);
      expect(pem({ SSL_CERT_FILE: absent })).to.deep.equal([EXTRA]);
      expect(pem({ SSL_CERT_FILE: own, SSL_CERT_DIR: absent })).to.deep.equal([OWN]);
      expect(pem({})).to.deep.equal([MACHINE]);
    }));

  it('are those of Node, and what is wrong is known, where SSL_CERT_FILE is of no use', () =>
    withFiles(({ write, bundles, absent }) => {
      const empty = write('empty', '');
      const key = write('key', OWN.replaceAll('CERTIFICATE', 'PRIVATE KEY'));
      const broken = write('broken', OWN.replaceAll(/[A-M]/g, '!'));
      const folder = path.dirname(empty);
      for (const [file, what] of [
        [absent, 'cannot be read (ENOENT)'],
        [folder, 'cannot be read (EISDIR)'],
        [empty, 'holds no certificate'],
        [key, 'holds no certificate'],
        [broken, 'holds no certificate'],
      ] as const) {
        expect(trustedAuthorities({ SSL_CERT_FILE: file }, bundles, []), file).to.deep.equal({
          pem: null,
          fileError: `SSL_CERT_FILE names ${file}, which ${what}`,
        });
      }
    }));
});
