import { oneLine } from '../model/text.ts';

export type Labels = Readonly<Record<string, string>>;

/** The samples of one metric name, with their type and help. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number])[];
}

const MAX_LABEL = 128;

/** In Prometheus' text format 0.0.4; empty for a family without samples. */
export function familyText({ name, type, help, samples }: Family): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Escaped as the text format requires: backslash, quote, newline. */
const labelValue = (value: string): string =>
  labelText(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');

/**
 * On one line, and bounded. A text that was changed for that gets its checksum: if two handles
 * became equal, one series would appear twice, and the whole scrape would fail.
 */
function labelText(value: string): string {
  const whole = oneLine(value, MAX_LABEL);
  if (whole === value) return value;
  const sum = checksum(value);
  return `${oneLine(value, MAX_LABEL - sum.length - 1)}#${sum}`;
}

/** FNV-1a with 32 bits: it distinguishes texts, but does not keep a secret. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
