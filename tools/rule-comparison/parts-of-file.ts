import { inflateRawSync } from 'node:zlib';

/**
 * The texts in a published file one of which is a mount table: the file itself, raw strings of Go, lists of lines in JSON, members
 * of a zip archive. Each without empty lines around it and with one newline at its end.
 */
export function partsOf(file: string, bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1');
  const parts = file.endsWith('.zip')
    ? zipMembers(bytes)
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

const CENTRAL_HEADER = 0x02_01_4b_50;
const DEFLATED = 8;

/** The members of a zip archive, stored or deflated (APPNOTE.TXT 4.3.12): sizes are certain only in the central directory. */
function zipMembers(zip: Buffer): readonly string[] {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) return [];
  const members: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  while (at < end && zip.readUInt32LE(at) === CENTRAL_HEADER) {
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    const deflated = zip.readUInt16LE(at + 10) === DEFLATED;
    members.push((deflated ? inflateRawSync(data) : data).toString('latin1'));
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return members;
}
