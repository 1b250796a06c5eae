// `npm run tool -- fetch-mount-tables`: fetches what other projects published, to score the rules on.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { KnownFailure } from '../../src/model/failure.ts';
import { print, runTool } from '../tool.ts';
import { fetchedTables, publishedSources, type PublishedSource } from './recorded-tables.ts';

/**
 * Fetches each table's file at its commit, and extracts the table. The folder appears only once all
 * tables are in it.
 * @param from the address that serves repositories as `OWNER/NAME/COMMIT/PATH`
 * @throws KnownFailure FILE_UNREADABLE
 */
async function fetchTables(
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
  throw new KnownFailure('FILE_UNREADABLE', `${url} does not contain ${file} (sha256 ${sha256})`);
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    throw new Error(`HTTP ${response.status}`);
  } catch (cause) {
    // fetch throws an error whose cause is the real one.
    const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
    const why = inner instanceof Error ? inner.message : String(inner);
    throw new KnownFailure('FILE_UNREADABLE', `cannot fetch ${url}: ${why}`, { cause });
  }
}

const digestOf = (table: string): string =>
  createHash('sha256').update(table, 'latin1').digest('hex');

/**
 * The texts in a published file that may be the mount table: the file itself, raw strings of Go,
 * lists of lines in JSON, members of a zip archive. Each ends with one newline, without empty lines
 * around it.
 */
function partsOf(file: string, bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1');
  const parts = file.endsWith('.zip')
    ? Object.values(unzipSync(bytes)).map((member) => Buffer.from(member).toString('latin1'))
    : file.endsWith('.json')
      ? listsOfLines(JSON.parse(text))
      : [text, ...[...text.matchAll(/`([^`]*)`/g)].map(([, raw = '']) => raw)];
  return parts.map((part) => `${part.replace(/^\n+|\n+$/g, '')}\n`);
}

function listsOfLines(json: unknown): readonly string[] {
  if (typeof json !== 'object' || json === null) return [];
  if (Array.isArray(json) && json.every((line) => typeof line === 'string')) {
    return [json.join('\n')];
  }
  return Object.values(json).flatMap(listsOfLines);
}

const options = {
  from: { type: 'string', default: 'https://raw.githubusercontent.com' },
} as const;

await runTool(options, async ({ from }) => {
  const sources = publishedSources();
  await fetchTables(sources, from, fetchedTables);
  print(`${sources.length} tables in ${fetchedTables}`);
});
