import { join } from 'node:path';
import { execaSync } from 'execa';
import type { TlsFiles } from '../../src/model/agent-config.ts';
import { skip } from '../skip.ts';

export interface MadeCertificates {
  readonly server: TlsFiles;
  readonly client: { readonly certPath: string; readonly keyPath: string };
}

const openssl = (folder: string, ...args: readonly string[]): void => {
  execaSync('openssl', args, { cwd: folder });
};

/** An authority, a server's and a client's certificate, all with files that begin with `name`. */
export function makeCertificates(
  context: Mocha.Context,
  folder: string,
  name: string,
): MadeCertificates {
  if (execaSync('openssl', ['version'], { reject: false }).failed) skip(context, 'no openssl');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
  const ca = `${name}-ca`;
  openssl(
    folder,
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    `${ca}.key`,
    '-out',
    `${ca}.crt`,
    '-days',
    '2',
    '-subj',
    `/CN=${ca}`,
  );
  for (const one of ['server', 'client']) {
    const file = `${name}-${one}`;
    openssl(
      folder,
      'req',
      ...newKey,
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.csr`,
      '-subj',
      `/CN=${file}`,
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
    );
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${file}.csr`,
      '-CA',
      `${ca}.crt`,
      '-CAkey',
      `${ca}.key`,
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
      '-out',
      `${file}.crt`,
      '-days',
      '2',
    );
  }
  const path = (file: string): string => join(folder, `${name}-${file}`);
  return {
    server: { certPath: path('server.crt'), keyPath: path('server.key'), caPath: path('ca.crt') },
    client: { certPath: path('client.crt'), keyPath: path('client.key') },
  };
}
