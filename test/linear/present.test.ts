import { pathBelow } from '../../src/model/paths.ts';
import { bytesOfText, textOfBytes, oneLine } from '../../src/model/text.ts';
import { cutEnd, cutMiddle, displayWidth, wrapText } from '../../src/present/display-width.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { asHandle } from '../../src/model/ids.ts';
import { logLine } from '../../src/present/log-line.ts';
import { escapeHtml } from '../../src/present/page/html.ts';
import { callWithLongTexts } from './call-with-long-texts.ts';
import type { AgentEvent } from '../../src/model/agent-state.ts';

const LENGTH = 200_000;

describe('no text takes longer to show than its length', () => {
  for (const [name, show] of Object.entries<(text: string) => unknown>({
    oneLine: (text) => oneLine(text, text.length),
    textOfBytes: (text) => textOfBytes(bytesOfText(text)),
    pathBelow: (text) => pathBelow(`${text}x`, bytesOfText(text)),
    displayWidth,
    cutEnd: (text) => cutEnd(text, 80),
    cutMiddle: (text) => cutMiddle(text, 80),
    // Words were cut at the width of a terminal, each time by a walk over the rest.
    wrapText: (text) => wrapText(text, 40),
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
  })) {
    it(name, () => {
      callWithLongTexts(show, LENGTH);
    });
  }
});
