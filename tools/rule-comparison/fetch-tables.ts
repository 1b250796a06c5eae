import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../../src/model/failure.ts';
import { partsOf } from './parts-of-file.ts';
import type { PublishedSource } from './published-tables.ts';

/**
 * Fetches the file that holds each table, at its commit, and takes the table out of it. Whoever finds the folder finds all tables in it.
 * @param from where repositories are served as `OWNER/NAME/COMMIT/PATH`
 * @throws KnownFailure FILE_UNREADABLE
 */
export async function fetchTables(
  sources: readonly PublishedSource[],
  from: string,
  folder: string,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  try {
    for (const source of sources) {
      const table = await fetchTable(source, from);
      writeFileSync(path.join(unfinished, source.file), table, 'latin1');
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function fetchTable(source: PublishedSource, from: string): Promise<string> {
  const { file, repository, commit, path: origin, sha256 } = source;
  const url = `${from.replace(/\/$/, '')}/${repository}/${commit}/${origin}`;
  const table = partsOf(origin, await download(url)).find((part) => digestOf(part) === sha256);
  if (table !== undefined) return table;
  throw new KnownFailure('FILE_UNREADABLE', `${url} does not hold ${file} (sha256 ${sha256})`);
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    throw new Error(`HTTP ${response.status}`);
  } catch (cause) {
    // fetch hides what happened in the cause of what it throws.
    const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
    const why = inner instanceof Error ? inner.message : String(inner);
    throw new KnownFailure('FILE_UNREADABLE', `cannot fetch ${url}: ${why}`, { cause });
  }
}

const digestOf = (table: string): string =>
  createHash('sha256').update(table, 'latin1').digest('hex');
