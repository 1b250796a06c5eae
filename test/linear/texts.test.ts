import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { bytesOfText, oneLine, textOfBytes } from '../../src/model/text.ts';
import { pathBelow } from '../../src/model/paths.ts';
import { cutEnd, cutMiddle, displayWidth, wrapText } from '../../src/present/display-width.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { logLine } from '../../src/present/log-line.ts';
import { code, heading, facts, sentence, steps, table } from '../../src/present/document/blocks.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { sectionHtml } from '../../src/present/page/blocks-html.ts';
import { escapeHtml } from '../../src/present/page/html.ts';
import type { AgentEvent } from '../../src/model/agent-state.ts';
import { ownerOfPea } from '../../src/model/peas.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { parseGardenError, parseHandles, parseProperties } from '../../src/parse/garden-answers.ts';
import { shownCommand, wholeCommand } from '../../src/parse/shown-command.ts';
import {
  launchedBy,
  parseBootTime,
  parseStat,
  parseStatus,
  parseProcCgroup,
} from '../../src/parse/process-files.ts';
import { imagesOfMount, isRootLine } from '../../src/parse/root-images.ts';
import { parseMountInfo, parseMounts, splitOptions } from '../../src/parse/mount-table.ts';
import { callWithLongTexts } from './call-with-long-texts.ts';
import { parseAgentError } from '../../src/parse/agent-answers.ts';
import { jsonErrorAt } from '../../src/parse/json.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';

/**
 * Half a minute or more for a quadratic pattern; some of these search with memchr, which is 30
 * times as fast.
 */
const LENGTH = 200_000;
const LENGTH_FOR_SEARCHES = 1_000_000;
const LINES = 16;

/** Each kind of block, with a text that is shown in several ways. */
const blocksOf = (text: string) => {
  const span = code(text);
  const columns = [
    { title: 'Cut', cell: () => span },
    { title: 'Wrapped', fit: 'wrap', cell: () => span },
  ] as const;
  return [
    sentence([span, ' and ', { ...span, isUnbroken: true }], 'warning'),
    facts([['name', span]]),
    steps([{ action: span.text, command: span.text, result: null }]),
    table([0], columns, { id: 'a-table', caption: 'A table' }),
    heading([span, { ...span, isCode: true }]),
  ];
};

describe('A text takes time in proportion to its length', () => {
  for (const [name, call] of Object.entries<(text: string) => unknown>({
    parseStat,
    parseStatus,
    parseBootTime,
    shownCommand,
    wholeCommand,
    'launchedBy, of dadoo': (text) => launchedBy('dadoo', text),
    'launchedBy, of containerd-shim': (text) => launchedBy('containerd-shim', text),
    parseProcCgroup: (text) => parseProcCgroup(bytesOfText(text)),
    parseMountInfo: (text) => parseMountInfo(bytesOfText(text)),
    isRootLine: (text) => isRootLine(bytesOfText(`1 0 0:40 ${text}`)),
    imagesOfMount: (text) => imagesOfMount(bytesOfText(text)),
    'imagesOfMount, in an overlay': (text) =>
      imagesOfMount(bytesOfText(`1 0 0:40 / / rw - overlay o rw,upperdir=/${text}\n`)),
    parseMounts: (text) => parseMounts(bytesOfText(text)),
    parseHandles,
    parseProperties,
    parseGardenError,
    parseAgentError,
    jsonErrorAt,
    'jsonErrorAt, in a text': (text) => jsonErrorAt(`"${text}"`),
    oneLine: (text) => oneLine(text, text.length),
    textOfBytes: (text) => textOfBytes(bytesOfText(text)),
    pathBelow: (text) => pathBelow(`${text}x`, bytesOfText(text)),
    displayWidth,
    cutEnd: (text) => cutEnd(text, 80),
    cutMiddle: (text) => cutMiddle(text, 80),
    // Words were cut at the width of a terminal, each time by a walk over the rest.
    wrapText: (text) => wrapText(text, 40),
    'documentText, of each kind of block': (text) =>
      documentText([blocksOf(text)], { colors: colors(true), columns: 40 }),
    'sectionHtml, of each kind of block': (text) =>
      sectionHtml({ id: 'part', title: text, blocks: blocksOf(text) }),
    jsonText,
    escapeHtml,
    logLine: (text) =>
      logLine(
        {
          at: text,
          level: 'info',
          message: text as AgentEvent['message'],
          handle: asHandle(text),
          sentence: text,
          data: { [text]: [{ command: text }] },
        },
        { deployment: text, group: text, index: 0, id: text, az: text, ip: text },
      ),
    ownerOfPea: (text) => ownerOfPea(text, () => false),
    identityOf: (text) => identityOf(asHandle(text), { 'executor:owner': text, log_config: text }),
  })) {
    it(`in ${name}`, () => {
      callWithLongTexts(call, LENGTH);
    });
  }

  // It once took seconds for each such line, and a pass reads 64.
  it('in sensorFact, also with many arguments that are not ids', () => {
    const line = `{"eventName":"container_create","args":[${'{},'.repeat(LENGTH * 2)}{}]}`;
    for (let pass = 0; pass < LINES; pass++) {
      expect(sensorFact('tracee', line, () => false)).to.equal(null);
    }
  });

  // It once took half a minute, in which the agent did not start.
  it('in splitOptions', () => {
    callWithLongTexts(splitOptions, LENGTH_FOR_SEARCHES);
  });
});
