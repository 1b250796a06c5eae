import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { temporaryFolder } from '../../temporary-folder.ts';

/**
 * A pipeline's machine: a folder before all others on the PATH, with programs that stand in for the
 * real ones.
 */
export class Pipeline {
  readonly folder = temporaryFolder();

  /** @param lines of a shell script; what it was called with is also kept */
  has(program: string, ...lines: readonly string[]): this {
    const log = path.join(this.folder, 'calls');
    const file = path.join(this.folder, program);
    const text = ['#!/bin/sh', `echo ${program} "$@" >>'${log}'`, ...lines, ''].join('\n');
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return this;
  }

  file(name: string, text: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** What the stand-ins were called with so far, in order. */
  calls(): readonly string[] {
    return readFileSync(path.join(this.folder, 'calls'), 'utf8').trim().split('\n');
  }

  /** Starts a script of manifests/pipelines. */
  start(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return execa(path.join(root, 'manifests/pipelines', script), args, {
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
      env: { PATH: `${this.folder}:${process.env['PATH'] ?? ''}`, ...env },
    });
  }
}
