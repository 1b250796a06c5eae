import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execaSync } from 'execa';
import type { TlsFiles } from '../../src/model/agent-config.ts';
import { skip } from '../skip.ts';

export interface MadeCertificates {
  readonly server: TlsFiles;
  readonly client: { readonly certPath: string; readonly keyPath: string };
}

/** Where the files of each name are; openssl takes as long for them as a test for the rest. */
const sets = new Map<string, string>();

/** An authority, a server's and a client's certificate, copied to files that begin with `name`. */
export function makeCertificates(
  context: Mocha.Context,
  folder: string,
  name: string,
): MadeCertificates {
  if (execaSync('openssl', ['version'], { reject: false }).failed) skip(context, 'no openssl');
  const set = sets.get(name) ?? made(name);
  sets.set(name, set);
  cpSync(set, folder, { recursive: true });
  const path = (file: string): string => join(folder, `${name}-${file}`);
  return {
    server: { certPath: path('server.crt'), keyPath: path('server.key'), caPath: path('ca.crt') },
    client: { certPath: path('client.crt'), keyPath: path('client.key') },
  };
}

function made(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const run = (command: string): void => {
    execaSync('openssl', command.split(' '), { cwd: folder });
  };
  const newKey = 'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  const ca = `${name}-ca`;
  run(`${newKey} -x509 -keyout ${ca}.key -out ${ca}.crt -days 2 -subj /CN=${ca}`);
  for (const file of ['server', 'client'].map((one) => `${name}-${one}`)) {
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    run(`${newKey} -keyout ${file}.key -out ${file}.csr -subj /CN=${file} -addext ${names}`);
    const signed = `-CA ${ca}.crt -CAkey ${ca}.key -CAcreateserial -copy_extensions copy`;
    run(`x509 -req -in ${file}.csr ${signed} -out ${file}.crt -days 2`);
  }
  return folder;
}
