import process from 'node:process';
import type { VersionView } from '../model/answers.ts';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import { printAnswer } from './answer.ts';
import type { Arguments } from './command-table.ts';

export function runVersion(args: Arguments<'version'>, io: Io): Promise<number> {
  const answer: VersionView = { schemaVersion: 1, version: VERSION, node: process.versions.node };
  printAnswer(answer, args, io, () => `${VERSION}\n`);
  return Promise.resolve(0);
}
